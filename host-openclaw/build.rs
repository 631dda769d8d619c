//! Tells the linker what an addon needs, such as to stay loaded until the process ends.

fn main() {
    #[cfg(feature = "node")]
    napi_build::setup();
}
