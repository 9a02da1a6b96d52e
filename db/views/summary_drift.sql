-- Every row that is in only one of artifact_summaries and artifact_summaries_live. Empty means
-- healthy.

create or replace view summary_drift as
select
    'shown' as side,
    shown.*
from (
    select * from artifact_summaries
    except all
    select * from artifact_summaries_live
) as shown

union all

select
    'true' as side,
    missing.*
from (
    select * from artifact_summaries_live
    except all
    select * from artifact_summaries
) as missing;

comment on view summary_drift is
    'Every row that is in only one of artifact_summaries and its definition; empty means healthy.';
comment on column summary_drift.side is
    '`shown` for a row of artifact_summaries, `true` for one of artifact_summaries_live.';
