//! What is known about a trigger's data when an app is loaded, so that an expression that can never have a value is found
//! then and not at the first invocation.

use super::{ExpressionError, Template};
use crate::json::shortened;
use crate::route::RouteTemplate;

/// The names a trigger gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    names: Vec<String>,
    /// Whether a JSON payload may bring any other name.
    open: bool,
}

impl Contract {
    /// A trigger that gives exactly these names.
    pub fn fixed<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self { names: names.into_iter().map(str::to_owned).collect(), open: false }
    }

    /// A trigger whose payload may be a JSON object: any further name is known only at the invocation.
    #[must_use]
    pub fn with_json_payload(mut self) -> Self {
        self.open = true;
        self
    }

    /// An HTTP trigger: the parameters of its route, `Query`, `Headers`, and whatever query and body bring.
    pub fn http(route: &RouteTemplate) -> Self {
        Self::fixed(route.parameters().chain(["Query", "Headers"])).with_json_payload()
    }

    /// Fails for an expression whose name this trigger never gives.
    pub fn check(&self, template: &Template) -> Result<(), ExpressionError> {
        let given =
            |name: &str| self.open || self.names.iter().any(|known| known.to_lowercase() == name.to_lowercase());
        let Some(unknown) = template.parameters().find(|p| !p.is_built_in() && !given(p.name())) else {
            return Ok(());
        };
        let known = if self.names.is_empty() { "none of its own".to_owned() } else { self.names.join(", ") };
        Err(unknown.error(
            template,
            format!(
                "the trigger gives no value named '{}'; it gives {known}, and there are {{datetime}}, {{rand-guid}} and {{sys.methodname}}",
                shortened(unknown.name())
            ),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> Template {
        Template::parse(text).unwrap()
    }

    #[test]
    fn a_fixed_contract_knows_every_name() {
        let timer = Contract::fixed(["TimerTrigger"]);
        timer.check(&template("{timertrigger}/{rand-guid}/{DateTime:yyyy}/{sys.methodname}")).unwrap();
        assert_eq!(
            timer.check(&template("a/{id}")).unwrap_err().to_string(),
            "'a/{id}', character 3: the trigger gives no value named 'id'; it gives TimerTrigger, and there are {datetime}, {rand-guid} and {sys.methodname}"
        );
    }

    #[test]
    fn a_json_payload_may_bring_any_name() {
        let route = RouteTemplate::parse("items/{id}").unwrap();
        Contract::http(&route).check(&template("{id}/{Query.a}/{anything.at.all}")).unwrap();
    }
}
