//! `hearth backup`: copies host state to a file while everything runs.

use std::path::PathBuf;

use clap::Args;
use hearth_model::clock::{Clock, SystemClock};
use hearth_state::Backup;
use serde_json::json;

use super::listing::OutputSettings;
use crate::config::data::DataDir;
use crate::config::settings::{DataSettings, KeySettings, StateSettings};
use crate::exit::Failure;
use crate::output::{self, Format};
use crate::role;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Where to: a new file, or a folder in which the backup is named by its time. A manifest is written beside it
    #[arg(long, value_name = "DIR|FILE")]
    to: PathBuf,
    #[command(flatten)]
    data: DataSettings,
    #[command(flatten)]
    state: StateSettings,
    #[command(flatten)]
    key: KeySettings,
    #[command(flatten)]
    output: OutputSettings,
}

pub(super) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let data = DataDir::new(arguments.data.data.as_deref());
    let url = role::state_url(&data, &arguments.state)?;
    let target =
        if arguments.to.is_dir() { arguments.to.join(Backup::file_name(SystemClock.now())) } else { arguments.to };
    let backup = hearth_state::backup(&url, &target, &SystemClock).await.map_err(role::state_failure)?;
    let key_file = role::key_file(&data, &arguments.key);
    if arguments.output.output == Format::Json {
        return output::json(&json!({ "path": target, "keyFile": key_file, "backup": backup }));
    }
    output::line(&format!(
        "'{}' holds host state of {}: {} bytes, schema {}, checked.\n\
         The installation key is not in it. Keep a copy of '{}' in another place: without it nobody can open the secrets \
         in the backup, and with both everybody can.",
        target.display(),
        backup.taken,
        backup.bytes,
        backup.schema,
        key_file.display()
    ));
    Ok(())
}
