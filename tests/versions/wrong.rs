//! Libraries that look well from outside: each is an error of its own, and this process, which is
//! the host here, goes on.

use crate::fixtures::{
    Built::{self, FieldAdded, FieldsSwapped, MethodInserted, Now, RootPanics},
    DESCRIBE_PANICS, Installed,
};
use host_sdk::host::{LoadError, Plugin};

#[track_caller]
fn refused(installed: &Installed) -> LoadError {
    match Plugin::load(installed.folder()) {
        Ok(_) => panic!("it loaded"),
        Err(error) => error,
    }
}

#[track_caller]
fn assert_disagrees(plugin: Built, about: &str) {
    let error = refused(&Installed::plugin(plugin));
    assert_eq!(error.code(), "abi", "{error}");
    assert!(error.to_string().contains(about), "{error}");
}

#[test]
fn what_a_patch_must_not_change_is_refused_with_the_name_of_the_type() {
    assert_disagrees(FieldAdded, "RawInboundMessage: incompatible type size");
    assert_disagrees(FieldsSwapped, "RawIdentity: unexpected field");
    assert_disagrees(MethodInserted, "RawChannel: prefix-types have a different prefix");
}

#[test]
fn a_panic_in_the_root_function_is_an_error_with_its_text() {
    let error = refused(&Installed::plugin(RootPanics));
    assert_eq!(error.code(), "init", "{error}");
    assert!(error.to_string().contains("nothing grows from this root"), "{error}");
}

#[test]
fn a_panic_while_describing_is_an_error_with_its_text() {
    let error = refused(&Installed::library(DESCRIBE_PANICS, &Now.version()));
    assert_eq!(error.code(), "init", "{error}");
    assert!(error.to_string().contains("there is nothing to describe"), "{error}");
}

#[test]
fn a_library_without_the_root_symbol_is_no_plugin() {
    let error = refused(&Installed::library("stranger", &Now.version()));
    assert_eq!(error.code(), "not-a-plugin", "{error}");
}

#[test]
fn after_all_of_them_a_good_one_loads() {
    for wrong in [FieldAdded, RootPanics] {
        refused(&Installed::plugin(wrong));
    }
    let good = Installed::plugin(Now);
    let (plugin, _manifest) = Plugin::load(good.folder()).unwrap();
    assert_eq!(plugin.descriptor().id, "postbox");
}
