//! What other versions change: everything that a minor version may add, and some of what none may.

use crate::sdk::Sdk;

/// One of everything that a minor version may add.
pub(crate) fn additions(sdk: Sdk) -> Sdk {
    new_values(new_root_function(new_host_callback(new_channel_method(sdk))))
}

/// A method of channels: `pin`.
fn new_channel_method(sdk: Sdk) -> Sdk {
    sdk.after(
        "src/abi/wire.rs",
        "        done.unsupported(\"register\");\n    }\n",
        "    fn pin(&self, _id: RString, done: RawDone<()>) {
        done.unsupported(\"pin\");
    }\n",
    )
    .before(
        "src/export/instance.rs",
        "    fn metrics(&self) -> RString {\n",
        "    fn pin(&self, id: RString, done: RawDone<()>) {
        let id = String::from_raw(id);
        let work = |this: Arc<Instance<C>>| async move { this.channel.pin(id).await };
        self.0.call_running(\"pin\", Done::from_raw(done), work);
    }\n\n",
    )
    .before(
        "src/channel/mod.rs",
        "    /// Counters, gauges and histograms by name;",
        "    /// Keeps a message in sight.
    fn pin(&self, _id: String) -> impl Future<Output = Result<()>> + Send {
        async { Err(ChannelError::unsupported(\"pin\")) }
    }\n\n",
    )
    .before(
        "src/host/channel.rs",
        "    /// Counters, gauges and histograms by name.",
        "    /// Keeps a message in sight.
    pub fn pin(&self, id: &str) -> Pending<()> {
        self.ask(|done| self.0.raw.pin(id.into(), done))
    }\n\n",
    )
}

/// A callback of hosts: `recalled`.
fn new_host_callback(sdk: Sdk) -> Sdk {
    let last = "    fn log(&self, line: &RawLogLine<'_>);\n";
    let end = "}\n/// A host as it crosses.\n";
    sdk.replace(
        "src/abi/wire.rs",
        &format!("{last}{end}"),
        &format!("{last}    fn recalled(&self, _id: RString) {{}}\n{end}"),
    )
    .before(
        "src/channel/handle.rs",
        "    /// Reports a change of the channel's status.\n",
        "    /// Says that a message was taken back.
    pub fn recalled(&self, id: &str) {
        self.0.raw.recalled(id.into());
    }\n\n",
    )
    .before(
        "src/host/events.rs",
        "    /// The channel logged a line.",
        "    /// A message was taken back.\n    fn recalled(&self, _id: String) {}\n\n",
    )
    .before(
        "src/host/events.rs",
        "    fn log(&self, line: &RawLogLine<'_>) {\n",
        "    fn recalled(&self, id: RString) {
        self.gate.pass(|| self.events.recalled(String::from_raw(id)));
    }\n\n",
    )
}

/// A function of libraries: `about`.
fn new_root_function(sdk: Sdk) -> Sdk {
    sdk.after(
        "src/abi/wire.rs",
        "    pub log_filter: extern \"C\" fn(directives: RStr<'_>) -> bool,\n",
        "    pub about: extern \"C\" fn() -> RString,\n",
    )
    .after("src/export/root.rs", "        log_filter: log::filter,\n", "        about,\n")
    .before(
        "src/export/root.rs",
        "fn guarded<T>(",
        "extern \"C\" fn about() -> abi_stable::std_types::RString {\n    \"letters\".into()\n}\n\n",
    )
    .before(
        "src/host/plugin.rs",
        "    /// Says which lines are logged,",
        "    /// What the plugin is about; `None` if it was built before plugins could say so.
    pub fn about(&self) -> Option<String> {
        self.root.about().map(|about| about().into())
    }\n\n",
    )
}

/// A kind of event and an error code, for hosts; a phase, a reason to stop and an answer to a message,
/// for plugins. A status key and a capability are text, and need nothing.
fn new_values(sdk: Sdk) -> Sdk {
    sdk.after(
        "src/value/inbound.rs",
        "        Withheld = 1 as \"withheld\",\n",
        "        /// It was taken back.\n        Recalled = 900 as \"recalled\",\n",
    )
    .after(
        "src/value/error.rs",
        "        Permission = 12 as \"permission\",\n",
        "        /// Nothing more fits.\n        Quota = 900 as \"quota\",\n",
    )
    .after(
        "src/value/inbound.rs",
        "        Duplicate = 2 as \"duplicate\",\n",
        "        /// Taken, and put aside.\n        Shelved = 200 as \"shelved\",\n",
    )
    .after(
        "src/value/outbound.rs",
        "        Cancelled = 3 as \"cancelled\",\n",
        "        /// It is complete, and may be taken back.\n        Draft = 200 as \"draft\",\n",
    )
    .after(
        "src/value/status.rs",
        "        Disabled = 2 as \"disabled\",\n",
        "        /// The account moves to another host.\n        Moved = 200 as \"moved\",\n",
    )
}

/// A struct has one field more.
pub(crate) fn field_added(sdk: Sdk) -> Sdk {
    sdk.before(
        "src/value/inbound.rs",
        "        /// Files beside the text.\n",
        "        /// How it was meant.\n        pub mood: String,\n",
    )
}

/// Two fields of one type have changed places.
pub(crate) fn fields_swapped(sdk: Sdk) -> Sdk {
    let kind = "        /// Which kind of id, in the platform's word for it.\n        pub kind: String,\n";
    let id = "        /// The id.\n        pub id: String,\n";
    sdk.replace("src/value/conversation.rs", &format!("{kind}{id}"), &format!("{id}{kind}"))
}

/// A method stands between older ones.
pub(crate) fn method_inserted(sdk: Sdk) -> Sdk {
    sdk.before(
        "src/abi/wire.rs",
        "    fn send(&self, message: RawOutboundMessage, done: RawDone<RawReceipt>);\n",
        "    fn pin(&self, id: RString, done: RawDone<()>);\n",
    )
    .before(
        "src/export/instance.rs",
        "    fn send(&self, message: RawOutboundMessage, done: RawDone<RawReceipt>) {\n",
        "    fn pin(&self, _id: RString, done: RawDone<()>) {\n        drop(done);\n    }\n\n",
    )
}

/// A library's root function, which this crate writes, panics.
pub(crate) fn root_panics(sdk: Sdk) -> Sdk {
    sdk.after(
        "src/export/root.rs",
        "        log::install_panic_hook();\n",
        "        assert!(C::describe().id.is_empty(), \"nothing grows from this root\");\n",
    )
}
