//! Changes the installation key and seals anew what host state keeps under it.
//!
//! Nothing else may use the key file or the database meanwhile: the caller holds the data directory. The file first
//! holds the new key with the old one behind it, then every value is sealed with the new key, then the file holds the new
//! key alone. Whoever dies in between leaves a file that opens everything, and the next call goes on where it stopped.

mod mssql;
mod sqlite;

use std::path::Path;

use hearth_model::ids::AppName;
use zeroize::Zeroizing;

use crate::operation::{Operation, Row, Statement, Step, Value};
use crate::{Database, Keyring, StateError, keyring, sealed};

/// A column of sealed values.
struct Column {
    /// `table.column`.
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare it with the schema"))]
    name: &'static str,
    /// How many columns identify a row.
    identity: usize,
    /// Values that were not sealed with a key, by their rows' identity, after one identity; the value comes last.
    pending: Statement,
    /// Replaces a value that is still the one read.
    seal: Statement,
    /// What the value of a row is sealed for.
    purpose: fn(&Row) -> Result<String, StateError>,
}

/// Every sealed value there is. A column that is missing here would be lost with the old key.
static COLUMNS: [Column; 6] = [
    Column {
        name: "apps.publish_credential",
        identity: 1,
        pending: Statement::query("rotation.apps", sqlite::APPS, mssql::APPS),
        seal: Statement::change("rotation.seal-app", sqlite::SEAL_APP, mssql::SEAL_APP),
        purpose: |row| Ok(sealed::publish_credential(&row.id::<AppName>(0)?)),
    },
    Column {
        name: "installation.value",
        identity: 1,
        pending: Statement::query("rotation.installation", sqlite::INSTALLATION, mssql::INSTALLATION),
        seal: Statement::change("rotation.seal-installation", sqlite::SEAL_INSTALLATION, mssql::SEAL_INSTALLATION),
        purpose: |row| Ok(sealed::installation(row.text(0)?)),
    },
    Column {
        name: "app_settings.value",
        identity: 2,
        pending: Statement::query("rotation.settings", sqlite::SETTINGS, mssql::SETTINGS),
        seal: Statement::change("rotation.seal-setting", sqlite::SEAL_SETTING, mssql::SEAL_SETTING),
        purpose: |row| Ok(sealed::app_setting(&row.id(0)?, row.text(1)?)),
    },
    Column {
        name: "app_keys.value",
        identity: 3,
        pending: Statement::query("rotation.keys", sqlite::KEYS, mssql::KEYS),
        seal: Statement::change("rotation.seal-key", sqlite::SEAL_KEY, mssql::SEAL_KEY),
        purpose: |row| Ok(sealed::app_key(&row.id(0)?, &row.id(1)?, row.text(2)?)),
    },
    Column {
        name: "queue_account_keys.value",
        identity: 2,
        pending: Statement::query("rotation.queue-keys", sqlite::QUEUE_KEYS, mssql::QUEUE_KEYS),
        seal: Statement::change("rotation.seal-queue-key", sqlite::SEAL_QUEUE_KEY, mssql::SEAL_QUEUE_KEY),
        purpose: |row| Ok(sealed::queue_account_key(row.text(0)?, row.text(1)?)),
    },
    Column {
        name: "document_account_keys.value",
        identity: 2,
        pending: Statement::query("rotation.document-keys", sqlite::DOCUMENT_KEYS, mssql::DOCUMENT_KEYS),
        seal: Statement::change("rotation.seal-document-key", sqlite::SEAL_DOCUMENT_KEY, mssql::SEAL_DOCUMENT_KEY),
        purpose: |row| Ok(sealed::document_account_key(row.text(0)?, row.text(1)?)),
    },
];

/// What a rotation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Whether it finished one that had been interrupted, with the key that one had made.
    pub resumed: bool,
    /// How many values were sealed anew.
    pub sealed: u64,
}

/// Puts a new key in place of the one in the key file. What is derived from the key changes with it: machine code in
/// the code cache is compiled again.
///
/// Call it while nothing else uses the database or the key file. After an error or a kill at any point the file opens
/// every value, Hearth may run, and another call finishes the work.
///
/// # Errors
/// [`StateError::Configuration`] when the key file is missing or cannot be replaced, [`StateError::Corrupt`] when a value
/// cannot be opened: set or remove that one, then call again; errors of a write.
pub async fn rotate(database: &Database, key_file: &Path) -> Result<Rotation, StateError> {
    let unusable = |error| StateError::unusable("key file", key_file, &error);
    let Some((first, previous)) = keyring::read(key_file)? else {
        return Err(unusable(std::io::ErrorKind::NotFound.into()));
    };
    let resumed = previous.is_some();
    let (new, old) = match previous {
        Some(old) => (first, old),
        None => {
            let new = keyring::generate().map_err(unusable)?;
            keyring::replace(key_file, &[&new, &first], database.faults())?;
            (new, first)
        }
    };
    let keys = Keyring::holding((new.clone(), Some(old)))?;
    let mut sealed = 0;
    for column in &COLUMNS {
        sealed += seal(database, &keys, column).await?;
    }
    // A second look, for what another process may have written with the old key against the rule.
    for column in &COLUMNS {
        if !pending(database, &keys, column, &[]).await?.is_empty() {
            return Err(StateError::Conflict(
                "another process writes to the state database while its key is changed: stop it, then try again"
                    .to_owned(),
            ));
        }
    }
    keyring::replace(key_file, &[&new], database.faults())?;
    Ok(Rotation { resumed, sealed })
}

/// Opens every sealed value; answers how many there are.
pub(crate) async fn check(database: &Database, keys: &Keyring) -> Result<u64, StateError> {
    // No sealed value begins like this, so that all of them count as not sealed with the key.
    const NO_MARK: [u8; 5] = [0; 5];
    let mut opened = 0;
    for column in &COLUMNS {
        let mut after = Vec::new();
        loop {
            let rows = unmarked(database, &NO_MARK, column, &after).await?;
            let Some(last) = rows.last() else { break };
            after = last.0.iter().take(column.identity).cloned().collect();
            for row in &rows {
                Zeroizing::new(keys.open(&(column.purpose)(row)?, row.bytes(column.identity)?)?);
                opened += 1;
            }
        }
    }
    Ok(opened)
}

/// Seals the values of one column, some at a time; answers how many.
async fn seal(database: &Database, keys: &Keyring, column: &'static Column) -> Result<u64, StateError> {
    let (mut sealed, mut after) = (0, Vec::new());
    loop {
        let rows = pending(database, keys, column, &after).await?;
        let Some(last) = rows.last() else { return Ok(sealed) };
        after = last.0.iter().take(column.identity).cloned().collect();
        let mut steps = Vec::with_capacity(rows.len());
        for row in &rows {
            let (purpose, old) = ((column.purpose)(row)?, row.bytes(column.identity)?);
            let plain = Zeroizing::new(keys.open(&purpose, old)?);
            let mut args = vec![Value::from(keys.seal(&purpose, &plain).as_slice())];
            args.extend(row.0.iter().cloned());
            steps.push(Step::new(&column.seal, args));
        }
        let outcome = database.write(Operation::full(steps)).await?;
        sealed += outcome.steps.iter().map(|step| step.affected).sum::<u64>();
    }
}

/// Some of the values that the first key has not sealed, in the order of their identities.
async fn pending(
    database: &Database,
    keys: &Keyring,
    column: &'static Column,
    after: &[Value],
) -> Result<Vec<Row>, StateError> {
    unmarked(database, &keys.mark(), column, after).await
}

/// Some of the values that do not begin with this mark.
async fn unmarked(
    database: &Database,
    mark: &[u8],
    column: &'static Column,
    after: &[Value],
) -> Result<Vec<Row>, StateError> {
    let mut args = match after {
        [] => vec![Value::from(""); column.identity],
        _ => after.to_vec(),
    };
    args.push(mark.into());
    database.read(Step::new(&column.pending, args)).await
}

#[cfg(test)]
mod tests;
