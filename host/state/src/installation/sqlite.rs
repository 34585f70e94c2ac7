//! SQLite text of the installation statements.

pub(super) const GET: &str = "SELECT value FROM installation WHERE name = ?";

pub(super) const ADD: &str = "INSERT INTO installation (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING";
