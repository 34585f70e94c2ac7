//! A typed app that imports an interface no host of Functions has: publishing it must fail and name the import.
//! Empty in a native build, which would need the bindings generator for nothing.

#![cfg(target_family = "wasm")]

use hearth_sdk::http;

mod bindings {
    wit_bindgen::generate!({
        inline: "
            package acme:database@1.2.0;
            interface query { run: func(sql: string) -> string; }
            world app { import query; }
        ",
    });
}

#[http(auth_level = "anonymous")]
fn query() -> String {
    bindings::acme::database::query::run("select 1")
}
