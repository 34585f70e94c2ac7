//! `hearth rotate-key`: puts a new installation key in place of the old one, while nothing runs.

use clap::Args;
use hearth_state::{Database, OpenOptions};

use crate::config::data::DataDir;
use crate::config::settings::{DataSettings, KeySettings, StateSettings};
use crate::exit::Failure;
use crate::output;
use crate::role;
use crate::supervisor::DirectoryLock;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataSettings,
    #[command(flatten)]
    state: StateSettings,
    #[command(flatten)]
    key: KeySettings,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let data = DataDir::new(arguments.data.data.as_deref());
    let key_file = role::key_file(&data, &arguments.key);
    let url = role::state_url(&data, &arguments.state)?;
    let place = match &arguments.state.state {
        Some(_) => url.to_string(),
        None => data.database().display().to_string(),
    };
    // Neither is made here: a wrong directory must not end as a new, empty installation.
    for (what, path) in [("the data directory", data.path()), ("the installation key", key_file.as_path())] {
        if !path.exists() {
            return Err(Failure::configuration(format_args!(
                "{what} '{}' does not exist; name the installation with --data",
                path.display()
            )));
        }
    }
    if arguments.state.state.is_none() && !data.database().exists() {
        return Err(Failure::configuration(format_args!(
            "there is no host state '{place}'; name the installation with --data"
        )));
    }
    let lock = DirectoryLock::take(&data)?;
    let database = Database::open(&url, OpenOptions::default()).await.map_err(role::state_failure)?;
    let rotated = hearth_state::rotate(&database, &key_file).await.map_err(role::state_failure);
    database.close().await;
    lock.release();
    let rotated = rotated?;
    if rotated.resumed {
        output::note("A change of the key that had been interrupted was finished.");
    }
    output::line(&format!(
        "'{}' holds a new key. {} secrets in '{place}' are sealed with it.\n\
         Back both up now; earlier backups open with the key of their time only.",
        key_file.display(),
        rotated.sealed
    ));
    Ok(())
}
