//! `hearth new`: a function from a template, in the project of the present folder.

use std::io::IsTerminal;
use std::path::Path;

use clap::{Args, ValueEnum};

use crate::exit::{Failure, Kind};
use crate::output;
use crate::scaffold::{Flavour, TEMPLATES, Template, function};

/// Who may call a function over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum AuthLevel {
    /// Everybody
    Anonymous,
    /// Who has a key of the function or the app
    #[default]
    Function,
    /// Who has the master key
    Admin,
}

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Template, for example "HTTP trigger" or HttpTrigger [asked for on a terminal]
    #[arg(short, long, value_name = "TEMPLATE")]
    template: Option<String>,

    /// Name of the function [asked for on a terminal, else one that fits the template]
    #[arg(short, long, value_name = "NAME")]
    name: Option<String>,

    /// Who may call it over HTTP
    #[arg(short, long, value_name = "LEVEL", value_enum, ignore_case = true, default_value_t)]
    authlevel: AuthLevel,

    /// Replace files that are there
    #[arg(long)]
    force: bool,

    /// List the templates, and do nothing else
    #[arg(long)]
    list: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    if arguments.list {
        output::line(&list());
        return Ok(());
    }
    let folder = Path::new(".");
    if !folder.join("host.json").is_file() {
        return Err(Failure::configuration(
            "this folder has no host.json: it is no function app. Make one with 'hearth init', or go to the folder of one",
        ));
    }
    let flavour = Flavour::found(folder)?;
    let template = template(arguments.template.as_deref())?;
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => ask_name(template)?,
    };
    let level = arguments.authlevel.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default();
    let made = function(folder, flavour, template, &name, &level)?;
    if !arguments.force
        && let Some(file) = made.files.iter().find(|file| file.place(folder).exists())
    {
        return Err(Failure::general(format_args!(
            "'{}' is there already; choose another --name, or replace it with --force",
            file.path
        )));
    }
    for file in &made.files {
        file.write(folder, arguments.force)?;
        output::line(&format!("Writing {}", file.path));
    }
    for file in &made.changed {
        file.write(folder, true)?;
        output::line(&format!("Changing {}", file.path));
    }
    output::line(&format!("The function '{name}' was made from the template '{}'.", template.title()));
    for note in &made.notes {
        output::line(note);
    }
    Ok(())
}

fn list() -> String {
    TEMPLATES.map(Template::title).join("\n")
}

fn template(named: Option<&str>) -> Result<Template, Failure> {
    let unknown = |name: &str| {
        let all = TEMPLATES.map(Template::title).join(", ");
        Failure::new(Kind::Usage, format_args!("there is no template '{name}'; there are: {all}"))
    };
    if let Some(name) = named {
        return Template::named(name).ok_or_else(|| unknown(name));
    }
    if !std::io::stdin().is_terminal() {
        let all = TEMPLATES.map(Template::title).join(", ");
        return Err(Failure::new(Kind::Usage, format_args!("name the template with --template; there are: {all}")));
    }
    for (at, template) in TEMPLATES.iter().enumerate() {
        output::note(&format!("{}. {}", at + 1, template.title()));
    }
    let answer = output::ask("Template (number or name):").map_err(Failure::general)?;
    let numbered = answer.parse::<usize>().ok().and_then(|number| TEMPLATES.get(number.checked_sub(1)?).copied());
    numbered.or_else(|| Template::named(&answer)).ok_or_else(|| unknown(&answer))
}

fn ask_name(template: Template) -> Result<String, Failure> {
    let default = template.default_name();
    if !std::io::stdin().is_terminal() {
        return Ok(default.to_owned());
    }
    let answer = output::ask(&format!("Function name [{default}]:")).map_err(Failure::general)?;
    Ok(if answer.is_empty() { default.to_owned() } else { answer })
}
