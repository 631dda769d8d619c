use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn local() -> Endpoints {
    Endpoints::parse("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/oapi", Plain::LoopbackOnly).unwrap()
}

#[test]
fn only_dingtalk_and_configured_hosts_may_be_called() {
    let china = Endpoints::china().unwrap();
    for dingtalk in [
        "https://oapi.dingtalk.com/robot/sendBySession?session=x",
        "wss://wss-open-connection.dingtalk.com:443/connect",
        "https://OAPI.DingTalk.COM/x",
        "https://oapi.dingtalk.io/x",
    ] {
        assert!(china.permits(&url(dingtalk)), "{dingtalk}");
    }
    for foreign in [
        "https://dingtalk.com.evil.example/x",
        "https://evildingtalk.com/x",
        "https://evil-dingtalk.com/x",
        "https://oapi.dingtalk.com.evil/x",
        "https://oapi-dingtalk.com/x",
        "https://dingtalk.com/x", // nothing is there
        "https://oapi.dingtalk.co/x",
        "https://dingtalk.evil.example/x",
    ] {
        assert!(!china.permits(&url(foreign)), "{foreign}");
    }
}

#[test]
fn an_address_that_only_looks_like_dingtalks_is_not_called() {
    let china = Endpoints::china().unwrap();
    for trick in [
        "https://oapi.dingtalk.com@evil.example/x",
        "https://oapi.dingtalk.com:443@evil.example/x",
        "https://evil.example@oapi.dingtalk.com/x",
        "https://oapi.dingtalk.com%40evil.example/x",
        "https://evil.example/oapi.dingtalk.com",
        "https://evil.example?oapi.dingtalk.com",
        "https://evil.example#.dingtalk.com",
        "https://evil.example\\.dingtalk.com/x",
        "https://oapi.dingtalk.com\u{3002}evil.example/x",
        "https://oapi.dingtalk.com./x",
        "https://oapi.dingtalk\u{3002}com./x",
        "https://oapi.dıngtalk.com/x",
        "https://oapi.xn--dngtalk-q4a.com/x",
        "https://oapi.ԁingtalk.com/x",
    ] {
        // What is no address at all is not called either.
        assert!(!Url::parse(trick).is_ok_and(|url| china.permits(&url)), "{trick}");
    }
}

#[test]
fn no_address_on_the_web_leads_into_the_own_network() {
    let china = Endpoints::china().unwrap();
    for private in [
        "https://127.0.0.1/x",
        "http://127.0.0.1:9/x",
        "https://localhost/x",
        "https://192.0.2.1/x",
        "https://169.254.169.254/latest",
        "https://3221225985/x",
        "https://0xC0000201/x",
        "https://0300.0.02.1/x",
        "https://[::1]/x",
        "https://[::ffff:192.0.2.1]/x",
    ] {
        assert!(!china.permits(&url(private)), "{private}");
    }
}

#[test]
fn what_is_dingtalks_is_called_encrypted_and_by_no_other_protocol() {
    let china = Endpoints::china().unwrap();
    for scheme in ["http", "ws", "ftp", "file", "gopher", "data", "javascript"] {
        let address = format!("{scheme}://oapi.dingtalk.com/x");
        assert!(!china.permits(&url(&address)), "{address}");
    }
}

#[test]
fn a_loopback_base_permits_loopback_by_any_name_and_port() {
    assert!(local().permits(&url("ws://localhost:9999/connect")));
    assert!(local().permits(&url("http://[::1]:1/x")));
    assert!(!local().permits(&url("http://192.0.2.1/x")));
}

#[test]
fn a_plain_base_elsewhere_needs_permission() {
    let base = "http://ding.corp.example";
    let refused = Endpoints::parse(base, base, Plain::LoopbackOnly).unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::Config { key: "endpoints.api" }));
    let allowed = Endpoints::parse(base, base, Plain::Allowed).unwrap();
    assert!(allowed.permits(&url("ws://ding.corp.example/connect")));
    assert!(!allowed.permits(&url("ws://other.example/connect")));
}

#[test]
fn a_bases_own_path_is_kept() {
    assert_eq!(local().api("/v1.0/x").as_str(), "http://127.0.0.1:8080/api/v1.0/x");
    assert_eq!(Endpoints::overseas().unwrap().api("/v1.0/x").as_str(), "https://api.dingtalk.io/v1.0/x");
}

#[test]
fn files_come_from_dingtalk_its_storage_and_configured_hosts_encrypted_where_that_can_be() {
    let china = Endpoints::china().unwrap();
    let called = |endpoints: &Endpoints, text| match endpoints.storage(&url(text)) {
        Storage::Trusted(url) => url.to_string(),
        Storage::Foreign => "foreign".to_owned(),
    };
    for (given, expected) in [
        ("http://b.oss-cn-hangzhou.aliyuncs.com/f?e=1", "https://b.oss-cn-hangzhou.aliyuncs.com/f?e=1"),
        ("https://b.oss-cn-hangzhou.aliyuncs.com/f", "https://b.oss-cn-hangzhou.aliyuncs.com/f"),
        ("http://down.dingtalk.com/f", "https://down.dingtalk.com/f"),
        ("http://b.oss-cn-hangzhou.aliyuncs.com:8080/f", "foreign"),
        ("https://oss-cn-hangzhou.aliyuncs.com.evil.example/f", "foreign"),
        ("https://evil.aliyuncs.com/f", "foreign"),
        ("https://a.b.oss-cn-x.aliyuncs.com/f", "foreign"),
        ("https://user@b.oss-cn-x.aliyuncs.com/f", "foreign"),
        ("http://127.0.0.1/f", "foreign"),
        ("http://169.254.169.254/latest", "foreign"),
        ("http://192.0.2.1/f", "foreign"),
        ("http://[::1]/f", "foreign"),
        ("https://3221225985/f", "foreign"),
        ("https://0xC0000201/f", "foreign"),
        ("https://0300.0.02.1/f", "foreign"),
        ("https://[::ffff:192.0.2.1]/f", "foreign"),
        ("https://[::ffff:a9fe:a9fe]/f", "foreign"),
        ("https://localhost/f", "foreign"),
        ("https://down.dingtalk.com\u{3002}evil.example/f", "foreign"),
        ("ftp://down.dingtalk.com/f", "foreign"),
        ("wss://down.dingtalk.com/f", "foreign"),
        ("file:///etc/passwd", "foreign"),
    ] {
        assert_eq!(called(&china, given), expected, "{given}");
    }
    assert_eq!(called(&local(), "http://127.0.0.1:9/f"), "http://127.0.0.1:9/f");
    assert_eq!(called(&local(), "http://192.0.2.1/f"), "foreign");
}

#[test]
fn a_base_with_a_password_in_it_is_none() {
    for base in ["https://lin:s3cret@ding.corp.example", "https://lin@ding.corp.example"] {
        let error = Endpoints::parse(base, base, Plain::LoopbackOnly).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Config { key: "endpoints.api" }));
        assert!(!format!("{error:?}").contains("s3cret"));
    }
}
