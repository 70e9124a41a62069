//! Writes the client that progenitor makes of an OpenAPI document: `generate DOCUMENT FILE`.
//!
//! It is what `cargo progenitor` does, without the command line and the HTTP client that it brings.

use std::{env, fs};

fn main() {
    let [document, file] = [1, 2].map(|at| env::args().nth(at).expect("DOCUMENT FILE"));
    let text = fs::read(document).expect("the document can be read");
    let document = serde_json::from_slice(&text).expect("it is OpenAPI 3.0");
    let tokens = progenitor_impl::Generator::default()
        .generate_tokens(&document)
        .expect("progenitor understands it");
    let code = prettyplease::unparse(&syn::parse2(tokens).expect("it is Rust"));
    fs::write(file, code).expect("the client can be written");
}
