//! `hearth restore`: puts a backup in the place of host state, or tells a database that its own tools have done so.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use hearth_state::{Backup, Database, Keyring, OpenOptions, StateError, StateUrl};

use crate::config::data::DataDir;
use crate::config::settings::{DataSettings, KeySettings, StateSettings};
use crate::exit::Failure;
use crate::output;
use crate::role;
use crate::supervisor::DirectoryLock;

#[derive(Args, Debug)]
#[command(group(ArgGroup::new("what").required(true).args(["from", "restored"])))]
pub(crate) struct Arguments {
    /// A backup, or a folder of backups: the newest counts. Hearth must be stopped
    #[arg(long, value_name = "DIR|FILE")]
    from: Option<PathBuf>,
    /// Put the backup in the place of the state that is there, which is kept under another name
    #[arg(long, conflicts_with = "restored")]
    replace: bool,
    /// Host state was restored by the database's own tools (SQL Server): fence what is of before. Run it before Hearth starts
    #[arg(long)]
    restored: bool,
    #[command(flatten)]
    data: DataSettings,
    #[command(flatten)]
    state: StateSettings,
    #[command(flatten)]
    key: KeySettings,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let data = DataDir::new(arguments.data.data.as_deref());
    let url = role::state_url(&data, &arguments.state)?;
    let key_file = role::key_file(&data, &arguments.key);
    match arguments.from {
        Some(source) => from_backup(&source, &url, &data, &key_file, arguments.replace).await,
        None => by_other_tools(&url, &key_file).await,
    }
}

async fn from_backup(
    source: &Path,
    url: &StateUrl,
    data: &DataDir,
    key_file: &Path,
    replace: bool,
) -> Result<(), Failure> {
    let keyring = keyring(key_file)?;
    let (path, backup) = Backup::find(source).map_err(role::state_failure)?;
    let lock = DirectoryLock::take(data)?;
    let restored = hearth_state::restore(url, &path, &backup, &keyring, replace, OpenOptions::default()).await;
    lock.release();
    let restored = restored.map_err(|error| match error {
        StateError::Conflict(_) | StateError::Rejected(_) | StateError::Missing(_) => Failure::configuration(error),
        error => role::state_failure(error),
    })?;
    if let Some(kept) = &restored.kept {
        output::note(&format!("The state that was there is kept as '{}'.", kept.display()));
    }
    output::line(&format!(
        "Host state is that of {}, from '{}'. The installation key opens its {} secrets. Its generation is {}: leases, \
         workers and caches of before no longer count.",
        backup.taken,
        path.display(),
        restored.secrets,
        restored.generation
    ));
    Ok(())
}

async fn by_other_tools(url: &StateUrl, key_file: &Path) -> Result<(), Failure> {
    let keyring = keyring(key_file)?;
    if let StateUrl::Sqlite(path) = url
        && !path.exists()
    {
        return Err(Failure::configuration(format_args!("there is no host state '{}'", path.display())));
    }
    let database = Database::open(url, OpenOptions::default()).await.map_err(role::state_failure)?;
    let marked = async {
        let secrets = hearth_state::check_key(&database, &keyring).await?;
        Ok((secrets, database.installation().restored(0).await?))
    };
    let marked: Result<_, StateError> = marked.await;
    database.close().await;
    let (secrets, generation) = marked.map_err(role::state_failure)?;
    output::line(&format!(
        "The installation key opens the {secrets} secrets of host state. Its generation is {generation}: leases, workers and \
         caches of before no longer count."
    ));
    Ok(())
}

/// The installation key, which is not made here: another one would open nothing.
fn keyring(key_file: &Path) -> Result<Keyring, Failure> {
    if !key_file.exists() {
        return Err(Failure::configuration(format_args!(
            "the installation key '{}' does not exist; put the key that belongs to the backup there, or name it with --key-file",
            key_file.display()
        )));
    }
    Keyring::load_or_create(key_file).map_err(role::state_failure)
}
