//! What a function reads beside its trigger: which documents are to be looked up for one invocation (reference: section 5.4).
//!
//! Everything is worked out before anything is read. A value of an expression never becomes part of a query's text.

#[cfg(test)]
mod tests;

use hearth_model::binding::{CosmosInput, CosmosRead, FunctionDefinition, InputBinding};
use hearth_model::expression::{BindingData, Environment, Template};
use serde_json::Value;

use crate::outputs::cosmos_name;

/// Documents that one input asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentLookup {
    /// Name of the binding.
    pub binding: String,
    /// Name of the connection; `None` for the default one.
    pub connection: Option<String>,
    /// Name of the database, which keeps the rules of the service.
    pub database: String,
    /// Name of the container, likewise.
    pub container: String,
    /// Which documents.
    pub wanted: WantedDocuments,
}

/// Which documents an input asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum WantedDocuments {
    /// One, or null where there is none.
    One {
        /// Its id; may be empty, and then there is none.
        id: String,
        /// The value of its partition key; `None` for a document without one.
        partition_key: Option<String>,
    },
    /// A list of what a query finds.
    List {
        /// The query.
        sql: String,
        /// Its parameters with their `@`.
        parameters: Vec<(String, Value)>,
        /// The partition that is asked; `None` for all.
        partition_key: Option<String>,
    },
}

/// Why an input can't be worked out or read; public text without any document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the input '{binding}' can't be read: {reason}")]
pub struct InputError {
    /// Name of the binding.
    pub binding: String,
    /// What is wrong and what to do.
    pub reason: String,
    /// Whether another try may do better, and the function is not to blame.
    pub is_transient: bool,
}

/// What a function's inputs come to, in the order of its bindings.
///
/// # Errors
/// An expression without a value, or a name that is none.
pub fn document_lookups(
    function: &FunctionDefinition,
    data: &BindingData,
    environment: Environment<'_>,
) -> Result<Vec<DocumentLookup>, InputError> {
    let of = |input: &InputBinding| {
        let InputBinding::Cosmos(input) = input;
        lookup(input, data, environment).map_err(|reason| InputError {
            binding: input.binding_name.clone(),
            reason,
            is_transient: false,
        })
    };
    function.inputs.iter().map(of).collect()
}

fn lookup(input: &CosmosInput, data: &BindingData, environment: Environment<'_>) -> Result<DocumentLookup, String> {
    let text = |property: &str, template: &Template| {
        template.evaluate(data, environment).map_err(|error| format!("its {property} {error}"))
    };
    let key =
        |template: &Option<Template>| template.as_ref().map(|template| text("partitionKey", template)).transpose();
    let wanted = match &input.read {
        CosmosRead::Document { id, partition_key } => {
            WantedDocuments::One { id: text("id", id)?, partition_key: key(partition_key)? }
        }
        CosmosRead::Query { sql, parameters, partition_key } => {
            let value = |parameter: &hearth_model::binding::SqlParameter| {
                let value = parameter.value.value(data, environment);
                let value = value.map_err(|error| format!("its sqlQuery {error}"))?;
                Ok((parameter.name.clone(), value))
            };
            let parameters = parameters.iter().map(value).collect::<Result<_, String>>()?;
            WantedDocuments::List { sql: sql.clone(), parameters, partition_key: key(partition_key)? }
        }
        CosmosRead::All { partition_key } => WantedDocuments::List {
            sql: "SELECT * FROM c".to_owned(),
            parameters: Vec::new(),
            partition_key: key(partition_key)?,
        },
    };
    Ok(DocumentLookup {
        binding: input.binding_name.clone(),
        connection: input.connection.clone(),
        database: cosmos_name("databaseName", &input.database, data, environment)?,
        container: cosmos_name("containerName", &input.container, data, environment)?,
        wanted,
    })
}
