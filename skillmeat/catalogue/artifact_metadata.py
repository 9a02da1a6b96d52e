"""SQL expressions for SkillMeat's fields in the metadata of an artifact, a row `s`."""

from typing import Final

from psycopg.sql import SQL, Composed, Literal

# An artifact without a uuid in its metadata has one that is derived from its id.
UUID: Final = SQL(
    """
    case
        when
            length(s.metadata ->> 'uuid') = 32
            and ltrim(s.metadata ->> 'uuid', '0123456789abcdef') = ''
        then s.metadata ->> 'uuid'
        else md5(s.id)
    end
    """
)


def select_texts(key: str) -> Composed:
    """Build the SQL of the texts in a list, as jsonb; a single text becomes a list of one."""
    path = f'$."{key}"[*] ? (@.type() == "string")'
    return SQL(
        """
        case
            when s.metadata ? {} then jsonb_path_query_array(
                s.metadata, {}
            )
            else '[]'
        end
        """
    ).format(Literal(key), Literal(path))


def select_list(key: str) -> Composed:
    """Build the SQL of a list, as jsonb; anything else becomes an empty list."""
    return SQL(
        """
        case
            when jsonb_typeof(s.metadata -> {key}) = 'array'
                then s.metadata -> {key}
            else '[]'
        end
        """
    ).format(key=Literal(key))


# Agents keep their tools under `tools`, skills and commands under `allowed-tools`: as a list, or as
# one text with commas.
TOOLS: Final = SQL(
    """
    case
        when 'array' in (
            jsonb_typeof(s.metadata -> 'tools'), jsonb_typeof(s.metadata -> 'allowed-tools')
        ) then {lists}
        when {text} <> ''
            then to_jsonb(array_remove(regexp_split_to_array(
                {text},
                '^\\s+|\\s*,\\s*|\\s+$'
            ), ''))
        else '[]'
    end
    """
).format(
    lists=SQL("({}) || ({})").format(select_texts("tools"), select_texts("allowed-tools")),
    text=SQL("coalesce(nullif(s.metadata ->> 'tools', ''), s.metadata ->> 'allowed-tools')"),
)
