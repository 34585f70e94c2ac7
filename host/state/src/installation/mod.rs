//! Values made once per installation: its identity and its sealed secrets.

mod mssql;
mod sqlite;

use crate::migrations;
use crate::operation::{Operation, Statement, Step};
use crate::{Database, StateError};

static GET: Statement = Statement::query("installation.get", sqlite::GET, mssql::GET);
static ADD: Statement = Statement::change("installation.add", sqlite::ADD, mssql::ADD);
static SCHEMA_VERSION: Statement =
    Statement::query("installation.schema-version", migrations::SQLITE_CURRENT, migrations::MSSQL_CURRENT);

/// Operations on installation values.
#[derive(Clone, Debug)]
pub struct Installation(pub(crate) Database);

impl Installation {
    /// The value of this name, made by `make` if there is none. When several processes make it at once they all get
    /// the one that was stored first.
    pub async fn get_or_create(&self, name: &str, make: impl FnOnce() -> Vec<u8>) -> Result<Vec<u8>, StateError> {
        let get = || Step::new(&GET, vec![name.into()]);
        if let Some(row) = self.0.read(get()).await?.first() {
            return Ok(row.bytes(0)?.to_vec());
        }
        let add = Step::new(&ADD, vec![name.into(), make().as_slice().into()]);
        let outcome = self.0.write(Operation::full(vec![add, get()])).await?;
        match outcome.row(1) {
            Some(row) => Ok(row.bytes(0)?.to_vec()),
            None => Err(StateError::Unavailable(format!("installation value '{name}' was not answered"))),
        }
    }

    /// The number of the last migration that was applied to the database.
    pub async fn schema_version(&self) -> Result<u32, StateError> {
        let rows = self.0.read(Step::new(&SCHEMA_VERSION, vec![])).await?;
        let row =
            rows.first().ok_or_else(|| StateError::Corrupt("the state database has no schema version".to_owned()))?;
        u32::try_from(row.int(0)?).map_err(|_| row.unexpected(0))
    }
}
