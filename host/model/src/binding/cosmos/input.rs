//! A `cosmosDB` input: documents that are read before the function is called (reference: Azure Functions, section 5.4).

use super::{BINDING, connection, name_template, template, text};
use crate::expression::{Contract, Template};
use crate::json::{FileError, Node};

/// A `cosmosDB` input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CosmosInput {
    /// Name of the binding.
    pub binding_name: String,
    /// Name of the connection; `None` for the default one.
    pub connection: Option<String>,
    /// Name of the database; what it comes to is checked for each invocation.
    pub database: Template,
    /// Name of the container, likewise.
    pub container: Template,
    /// Which documents.
    pub read: CosmosRead,
}

/// Which documents an input brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CosmosRead {
    /// One document, or null where there is none.
    Document {
        /// Its id.
        id: Template,
        /// The value of its partition key, a string; `None` for a document without one.
        partition_key: Option<Template>,
    },
    /// A list: the results of a query.
    Query {
        /// The query with a parameter for each expression.
        sql: String,
        /// The parameters in the order of their first use.
        parameters: Vec<SqlParameter>,
        /// The one partition that is asked, a string; `None` for all of them.
        partition_key: Option<Template>,
    },
    /// A list: all documents.
    All {
        /// The one partition that is read, a string; `None` for all of them.
        partition_key: Option<Template>,
    },
}

/// An expression of a query. Its value travels beside the query's text and never becomes part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlParameter {
    /// Name in the query, with its `@`.
    pub name: String,
    /// The expression, alone in its template.
    pub value: Template,
}

/// Reads a checked binding.
pub(in crate::binding) fn read(node: &Node<'_>, name: &str, contract: &Contract) -> Result<CosmosInput, FileError> {
    let optional = |property: &str| match text(node, BINDING, property)? {
        Some((value, text)) => template(&value, text, contract).map(Some),
        None => Ok(None),
    };
    let partition_key = optional("partitionKey")?;
    let read = match (optional("id")?, optional("sqlQuery")?) {
        (Some(id), _) => CosmosRead::Document { id, partition_key },
        (None, Some(query)) => {
            let (sql, parameters) = parameterised(&query);
            CosmosRead::Query { sql, parameters, partition_key }
        }
        (None, None) => CosmosRead::All { partition_key },
    };
    Ok(CosmosInput {
        binding_name: name.to_owned(),
        connection: connection(node, BINDING, "connection")?,
        database: name_template(node, BINDING, "databaseName", contract)?,
        container: name_template(node, BINDING, "containerName", contract)?,
        read,
    })
}

/// A query in which each expression is a parameter named after it; equal expressions share one.
fn parameterised(query: &Template) -> (String, Vec<SqlParameter>) {
    let mut parameters: Vec<SqlParameter> = Vec::new();
    // Names that the query has of its own are not taken.
    let written: Vec<&str> = query.literals().collect();
    let is_written = |name: &str| written.iter().any(|text| text.contains(name));
    let sql = query.replaced(|expression| {
        if let Some(known) = parameters.iter().find(|parameter| parameter.value == expression) {
            return known.name.clone();
        }
        let inner = expression.text().trim_matches(['{', '}']);
        let plain: String = inner.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        let mut name = format!("@{plain}");
        let mut count = 1;
        while is_written(&name) || parameters.iter().any(|parameter| parameter.name == name) {
            count += 1;
            name = format!("@{plain}_{count}");
        }
        parameters.push(SqlParameter { name: name.clone(), value: expression });
        name
    });
    (sql, parameters)
}
