//! T-SQL text of the installation statements.

pub(super) const GET: &str = "SELECT value FROM $.installation WHERE name = @1";

pub(super) const ADD: &str = "\
INSERT INTO $.installation (name, value) SELECT @1, @2 \
WHERE NOT EXISTS (SELECT 1 FROM $.installation WHERE name = @1)";
