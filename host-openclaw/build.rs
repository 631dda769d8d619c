//! Links the addon so that it stays loaded: what it has loaded, and its threads, end with the process.
//!
//! Nothing else is asked of the linker: the functions of Node.js are looked up when the addon is opened, so that it
//! is linked without a library of them, on Windows as well.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
