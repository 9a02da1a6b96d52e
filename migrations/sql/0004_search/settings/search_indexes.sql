-- ANALYZE computes the expressions of an index for up to 30,000 rows, and those of the search
-- indexes take half a millisecond a text. Their statistics would change no plan, because the
-- planner does not know the words of a search.

alter index artifacts_name_title_description_idx alter column 1 set statistics 0;
alter index artifacts_name_title_description_idx alter column 2 set statistics 0;
alter index artifacts_name_title_description_idx alter column 3 set statistics 0;
alter index artifact_contents_content_idx alter column 1 set statistics 0;
alter index tags_name_idx alter column 1 set statistics 0;
alter index tags_name_idx alter column 2 set statistics 0;
