//! Source maps of the app's scripts: the map that came with a script, one inside it, or the file that it names.

use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::host::Host;
use crate::modules::paths::{folder, join};

/// The maps that were looked for so far.
#[derive(Default)]
pub(crate) struct SourceMaps {
    known: BTreeMap<String, Option<Rc<Map>>>,
}

/// One script's map.
pub(crate) struct Map {
    map: sourcemap::SourceMap,
    /// The folder that the names of the sources are relative to.
    folder: String,
}

impl SourceMaps {
    /// The map of a script.
    pub(crate) fn of(&mut self, host: &dyn Host, path: &str) -> Option<Rc<Map>> {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let map = Map::find(host, path).map(Rc::new);
        self.known.insert(path.to_owned(), map.clone());
        map
    }
}

impl Map {
    fn find(host: &dyn Host, path: &str) -> Option<Self> {
        let source = host.script(path).ok().flatten()?;
        if let Some(map) = source.source_map {
            return Self::parse(map.as_bytes(), folder(path));
        }
        let url = named(&source.text)?;
        if let Some(data) = url.strip_prefix("data:") {
            let (kind, data) = data.split_once(',')?;
            return if kind.ends_with(";base64") {
                Self::parse(&STANDARD.decode(data).ok()?, folder(path))
            } else {
                Self::parse(&percent_encoding::percent_decode_str(data).collect::<Vec<_>>(), folder(path))
            };
        }
        let file = join(folder(path), url)?;
        Self::parse(&host.read(&file)?, folder(&file))
    }

    fn parse(text: &[u8], folder: &str) -> Option<Self> {
        let map = match sourcemap::decode_slice(text).ok()? {
            sourcemap::DecodedMap::Regular(map) => map,
            sourcemap::DecodedMap::Index(index) => index.flatten().ok()?,
            sourcemap::DecodedMap::Hermes(_) => return None,
        };
        Some(Self { map, folder: folder.to_owned() })
    }

    /// Where the author wrote what stands at a line and column (both from 1) of the script at `path`.
    pub(crate) fn original(&self, path: &str, line: u32, column: u32) -> Option<(String, u32, u32)> {
        let token = self.map.lookup_token(line.checked_sub(1)?, column.saturating_sub(1))?;
        if token.get_dst_line() + 1 != line {
            return None;
        }
        let file = match token.get_source() {
            // A bundler may put a scheme in front (`webpack://app/./src/a.ts`).
            Some(name) => match name.split_once("://") {
                Some((_, rest)) => {
                    rest.split_once('/').map_or(rest, |(_, path)| path).trim_start_matches("./").to_owned()
                }
                None => join(&self.folder, name).unwrap_or_else(|| name.trim_start_matches("../").to_owned()),
            },
            None => path.to_owned(),
        };
        Some((file, token.get_src_line() + 1, token.get_src_col() + 1))
    }
}

/// What the last `sourceMappingURL` comment names.
fn named(text: &str) -> Option<&str> {
    let at = text.rfind("//# sourceMappingURL=").or_else(|| text.rfind("//@ sourceMappingURL="))?;
    let url = text[at..].split_once('=')?.1.split_whitespace().next()?;
    (!url.is_empty()).then_some(url)
}
