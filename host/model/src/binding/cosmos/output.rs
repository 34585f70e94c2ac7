//! A `cosmosDB` output: documents that are upserted after the function succeeded (reference: Azure Functions, section 5.5).

use super::{BINDING, connection, count, flag, name_template, text};
use crate::expression::{Contract, Template};
use crate::json::{FileError, Node};

/// A `cosmosDB` output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosmosOutput {
    /// Name of the binding.
    pub binding_name: String,
    /// Name of the connection; `None` for the default one.
    pub connection: Option<String>,
    /// Name of the database; what it comes to is checked for each invocation.
    pub database: Template,
    /// Name of the container, likewise.
    pub container: Template,
    /// Whether database and container are made where they are missing.
    pub creates_container: bool,
    /// Path of the partition key of a container that is made, for example `/customer`.
    pub partition_key: Option<String>,
    /// Throughput of a container that is made; `None` for the service's default.
    pub throughput: Option<u32>,
}

/// Reads a checked binding.
pub(in crate::binding) fn read(
    node: &Node<'_>,
    name: &str,
    contract: &Contract,
    warnings: &mut Vec<String>,
) -> Result<CosmosOutput, FileError> {
    let partition_key = match text(node, BINDING, "partitionKey")? {
        Some((value, path)) => {
            let is_path = path.len() > 1 && path.starts_with('/') && !path.ends_with('/') && !path.contains("//");
            if !is_path || path.contains(['{', '}']) {
                return Err(value.error(format_args!(
                    "must be the path of the partition key such as \"/customer\", not {}",
                    value.shown(path)
                )));
            }
            Some(path.to_owned())
        }
        None => None,
    };
    let creates_container = flag(node, BINDING, "createIfNotExists")?;
    if creates_container && partition_key.is_none() {
        let why = "createIfNotExists makes no container without a partitionKey beside it; add its path such as \"/id\"";
        warnings.push(node.error(why).to_string());
    }
    Ok(CosmosOutput {
        binding_name: name.to_owned(),
        connection: connection(node, BINDING, "connection")?,
        database: name_template(node, BINDING, "databaseName", contract)?,
        container: name_template(node, BINDING, "containerName", contract)?,
        creates_container,
        partition_key,
        throughput: count(node, BINDING, "containerThroughput")?,
    })
}
