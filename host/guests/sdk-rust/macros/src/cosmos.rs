//! `#[cosmos_db]`, `#[input]`, and what outputs into containers say.

use proc_macro2::{Span, TokenStream};

use crate::arguments::{Arguments, binding_name, function_name, not_empty};
use crate::declaration::Declaration;
use crate::json::Object;

const PARAMETERS: &str = "a `Vec` of documents, whose type derives `serde::Deserialize`, or that and an `Invocation`";

pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let arguments: Arguments = syn::parse2(arguments)?;
    let trigger = trigger(&arguments)?;
    let name = arguments.text("name", function_name)?;
    let declaration = Declaration::read(name, item, (2, PARAMETERS))?;
    Ok(declaration.expand(trigger, None, "cosmos_db"))
}

/// Texts of a trigger, and their properties.
const TEXTS: [(&str, &str); 9] = [
    ("connection", "connection"),
    ("lease_connection", "leaseConnection"),
    ("lease_database", "leaseDatabaseName"),
    ("lease_container", "leaseContainerName"),
    ("lease_prefix", "leaseContainerPrefix"),
    ("lease_store", "leaseStore"),
    ("mode", "changeFeedMode"),
    ("start_from_time", "startFromTime"),
    ("dead_letter_container", "deadLetterContainerName"),
];
const FLAGS: [(&str, &str); 3] = [
    ("create_lease_container", "createLeaseContainerIfNotExists"),
    ("start_from_beginning", "startFromBeginning"),
    ("checkpoint_on_failure", "checkpointOnFailure"),
];
const NUMBERS: [(&str, &str); 5] = [
    ("feed_poll_delay", "feedPollDelay"),
    ("lease_acquire_interval", "leaseAcquireInterval"),
    ("lease_expiration_interval", "leaseExpirationInterval"),
    ("lease_renew_interval", "leaseRenewInterval"),
    ("max_items", "maxItemsPerInvocation"),
];

/// One element of function.json's `bindings`, as JSON text (reference: section 5.1). What else is to be known of its values, the host
/// knows.
fn trigger(arguments: &Arguments) -> syn::Result<String> {
    let mut known = vec!["name", "database", "container"];
    known.extend(TEXTS.iter().map(|(argument, _)| *argument));
    known.extend(FLAGS.iter().chain(&NUMBERS).map(|(argument, _)| *argument));
    arguments.expect(&known)?;
    let mut json = place(arguments, Object::binding("cosmosDBTrigger", "in", "documents"), "whose changes it takes")?;
    for (argument, property) in TEXTS {
        if let Some(text) = arguments.text(argument, not_empty)? {
            json = json.text(property, &text.value());
        }
    }
    for (argument, property) in FLAGS {
        if let Some(flag) = arguments.flag(argument)? {
            json = json.raw(property, if flag { "true" } else { "false" });
        }
    }
    for (argument, property) in NUMBERS {
        if let Some(number) = arguments.integer(argument)? {
            json = json.raw(property, &number.to_string());
        }
    }
    Ok(json.end())
}

/// Database and container, which must be there.
fn place(arguments: &Arguments, json: Object, what: &str) -> syn::Result<Object> {
    let missing = || {
        let message = format!("say {what}: `database = \"shop\", container = \"orders\"`");
        syn::Error::new(Span::call_site(), message)
    };
    let database = arguments.text("database", not_empty)?.ok_or_else(missing)?;
    let container = arguments.text("container", not_empty)?.ok_or_else(missing)?;
    Ok(json.text("databaseName", &database.value()).text("containerName", &container.value()))
}

/// `#[output(container = ...)]` (reference: section 5.5).
pub(crate) fn output(arguments: &Arguments, name: &str) -> syn::Result<String> {
    let known = ["database", "container", "connection", "name", "create_if_not_exists", "partition_key", "throughput"];
    arguments.expect(&known)?;
    let mut json = place(arguments, Object::binding("cosmosDB", "out", name), "where the documents go")?;
    for (argument, property) in [("connection", "connection"), ("partition_key", "partitionKey")] {
        if let Some(text) = arguments.text(argument, not_empty)? {
            json = json.text(property, &text.value());
        }
    }
    if let Some(flag) = arguments.flag("create_if_not_exists")? {
        json = json.raw("createIfNotExists", if flag { "true" } else { "false" });
    }
    if let Some(number) = arguments.integer("throughput")? {
        json = json.raw("containerThroughput", &number.to_string());
    }
    Ok(json.end())
}

/// `#[input(...)]` (reference: section 5.4): its name and its binding.
pub(crate) fn input(arguments: &Arguments) -> syn::Result<(String, String)> {
    arguments.expect(&["name", "database", "container", "connection", "id", "partition_key", "sql_query"])?;
    let name = arguments.text("name", binding_name)?.ok_or_else(|| {
        syn::Error::new(Span::call_site(), "give it a name, by which `Invocation::inputs` has it: `name = \"order\"`")
    })?;
    let json = Object::binding("cosmosDB", "in", &name.value());
    let mut json = place(arguments, json, "which documents are read")?;
    let texts =
        [("connection", "connection"), ("id", "id"), ("partition_key", "partitionKey"), ("sql_query", "sqlQuery")];
    for (argument, property) in texts {
        if let Some(text) = arguments.text(argument, not_empty)? {
            json = json.text(property, &text.value());
        }
    }
    Ok((name.value(), json.end()))
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn bindings_are_elements_of_function_json() {
        let arguments = |tokens| syn::parse2::<Arguments>(tokens).unwrap();
        assert_eq!(
            trigger(&arguments(quote!(database = "shop", container = "orders"))).unwrap(),
            r#"{"type":"cosmosDBTrigger","direction":"in","name":"documents","databaseName":"shop","containerName":"orders"}"#
        );
        let everything = quote!(
            name = "view",
            database = "shop",
            container = "orders",
            lease_prefix = "view",
            mode = "AllVersionsAndDeletes",
            create_lease_container = true,
            max_items = 10
        );
        assert_eq!(
            trigger(&arguments(everything)).unwrap(),
            r#"{"type":"cosmosDBTrigger","direction":"in","name":"documents","databaseName":"shop","containerName":"orders","leaseContainerPrefix":"view","changeFeedMode":"AllVersionsAndDeletes","createLeaseContainerIfNotExists":true,"maxItemsPerInvocation":10}"#
        );
        let given = quote!(database = "shop", container = "copies", create_if_not_exists = true, partition_key = "/id");
        assert_eq!(
            output(&arguments(given), "output").unwrap(),
            r#"{"type":"cosmosDB","direction":"out","name":"output","databaseName":"shop","containerName":"copies","partitionKey":"/id","createIfNotExists":true}"#
        );
        let given =
            quote!(name = "order", database = "shop", container = "orders", id = "{id}", partition_key = "{id}");
        assert_eq!(
            input(&arguments(given)).unwrap().1,
            r#"{"type":"cosmosDB","direction":"in","name":"order","databaseName":"shop","containerName":"orders","id":"{id}","partitionKey":"{id}"}"#
        );
    }

    #[test]
    fn mistakes_are_named() {
        let arguments = |tokens| syn::parse2::<Arguments>(tokens).unwrap();
        for (given, expected) in [
            (quote!(), "say whose changes it takes"),
            (quote!(database = "d"), "container = \"orders\""),
            (quote!(database = "d", container = "c", leases = "l"), "expected `name`, `database`"),
            (quote!(database = "d", container = "c", max_items = "many"), "whole number"),
        ] {
            let error = trigger(&arguments(given)).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = input(&arguments(quote!(database = "d", container = "c"))).unwrap_err().to_string();
        assert!(error.contains("give it a name"), "{error}");
    }
}
