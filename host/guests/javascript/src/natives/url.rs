//! `binding('url')`: the URL Standard's parser and setters.

use rquickjs::prelude::Opt;
use rquickjs::{Ctx, Function, Object, Result, String as JsString};
use url::{Position, Url, quirks};

use super::text::lossy;

pub(super) fn binding<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("parse", Function::new(ctx.clone(), parse)?)?;
    object.set("set", Function::new(ctx.clone(), set)?)?;
    let ascii = |domain: JsString<'js>| quirks::domain_to_ascii(&lossy(&domain));
    object.set("domainToASCII", Function::new(ctx.clone(), ascii)?)?;
    let unicode = |domain: JsString<'js>| quirks::domain_to_unicode(&lossy(&domain));
    object.set("domainToUnicode", Function::new(ctx.clone(), unicode)?)?;
    Ok(object)
}

fn parse<'js>(ctx: Ctx<'js>, input: JsString<'js>, base: Opt<Option<JsString<'js>>>) -> Result<Option<Object<'js>>> {
    let base = match base.0.flatten().map(|base| Url::parse(&lossy(&base))) {
        Some(Err(_)) => return Ok(None),
        Some(Ok(base)) => Some(base),
        None => None,
    };
    match Url::options().base_url(base.as_ref()).parse(&lossy(&input)) {
        Ok(url) => parts(&ctx, &url).map(Some),
        Err(_) => Ok(None),
    }
}

/// Null when the value can't be set; the URL then stays as it was.
fn set<'js>(ctx: Ctx<'js>, href: JsString<'js>, part: String, value: JsString<'js>) -> Result<Option<Object<'js>>> {
    let Ok(mut url) = Url::parse(&lossy(&href)) else { return Ok(None) };
    let value = lossy(&value);
    let done = match part.as_str() {
        "href" => quirks::set_href(&mut url, &value).is_ok(),
        "protocol" => quirks::set_protocol(&mut url, &value).is_ok(),
        "username" => quirks::set_username(&mut url, &value).is_ok(),
        "password" => quirks::set_password(&mut url, &value).is_ok(),
        "host" => quirks::set_host(&mut url, &value).is_ok(),
        "hostname" => quirks::set_hostname(&mut url, &value).is_ok(),
        "port" => quirks::set_port(&mut url, &value).is_ok(),
        "pathname" => {
            quirks::set_pathname(&mut url, &value);
            true
        }
        "search" => {
            quirks::set_search(&mut url, &value);
            true
        }
        "hash" => {
            quirks::set_hash(&mut url, &value);
            true
        }
        _ => false,
    };
    if done { parts(&ctx, &url).map(Some) } else { Ok(None) }
}

fn parts<'js>(ctx: &Ctx<'js>, url: &Url) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("href", url.as_str())?;
    object.set("origin", quirks::origin(url))?;
    object.set("protocol", quirks::protocol(url))?;
    object.set("username", quirks::username(url))?;
    object.set("password", quirks::password(url))?;
    object.set("host", quirks::host(url))?;
    object.set("hostname", quirks::hostname(url))?;
    object.set("port", quirks::port(url))?;
    object.set("pathname", &url[Position::BeforePath..Position::AfterPath])?;
    object.set("search", quirks::search(url))?;
    object.set("hash", quirks::hash(url))?;
    Ok(object)
}
