-- Inserts SkillMeat's thirteen types. A new type is a row, not a migration.

insert into artifact_types (type)
values
('agent'),
('command'),
('composite'),
('context_file'),
('hook'),
('mcp'),
('mcp_server'),
('progress_template'),
('project_config'),
('rule_file'),
('skill'),
('spec_file'),
('workflow');
