-- Inserts the types of SkillMeat and of Claude Code's plugins. A new type needs no migration.

insert into artifact_types (type)
values
('agent'),
('command'),
('composite'),
('context_file'),
('hook'),
('lsp_server'),
('mcp'),
('mcp_server'),
('monitor'),
('output_style'),
('progress_template'),
('project_config'),
('rule_file'),
('skill'),
('spec_file'),
('theme'),
('workflow');
