-- Materialized views of pages, counts included, as of the last REFRESH.

create materialized view artifact_pages as
select * from artifact_summaries_live;
create unique index on artifact_pages (id);

create materialized view collection_pages as
select
    c.id,
    c.name,
    c.description,
    (
        select count(*) from collection_artifacts as m where m.collection_id = c.id
    ) as artifact_count
from collections as c;
create unique index on collection_pages (id);
