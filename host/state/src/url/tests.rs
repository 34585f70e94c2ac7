//! Every form of `--state`.

use std::time::Duration;

use super::*;

fn server(text: &str) -> SqlServer {
    match StateUrl::parse(text) {
        Ok(StateUrl::SqlServer(server)) => *server,
        other => panic!("{text}: {other:?}"),
    }
}

fn refused(text: &str) -> String {
    match StateUrl::parse(text) {
        Err(StateError::Configuration(text)) => text,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn paths_and_urls_are_accepted() {
    for text in ["/srv/h.db", "sqlite:/srv/h.db", "sqlite:///srv/h.db", "SQLITE:/srv/h.db"] {
        assert_eq!(StateUrl::parse(text).unwrap(), StateUrl::sqlite(Path::new("/srv/h.db")), "{text}");
    }
    assert_eq!(StateUrl::parse("data/h.db").unwrap().to_string(), "sqlite:data/h.db");
    assert_eq!(StateUrl::parse("/srv/a=b/h.db").unwrap(), StateUrl::sqlite(Path::new("/srv/a=b/h.db")));
}

#[test]
fn other_schemes_are_refused_with_what_is_accepted() {
    for text in ["postgres://ann:secret@h/db", "jdbc:sqlserver://h;password=secret", "", "sqlite:", ":memory:"] {
        let error = refused(text);
        assert!(error.contains("sqlite:PATH") && error.contains("mssql://"), "{text}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    assert!(!refused("Severname=h;Password=secret").contains("secret"));
}

#[test]
fn a_url_names_everything() {
    let full = server(
        "mssql://ann%40corp:p%2Fw%3A%40%25@db.example:1444/state%20db?encrypt=strict&trustServerCertificate=false\
         &schema=hearth_test&hostNameInCertificate=db&multiSubnetFailover=yes&application+name=X&connect%20timeout=3\
         &max+pool+size=4&command+timeout=9",
    );
    assert_eq!((full.host.as_str(), full.port, full.instance.as_deref()), ("db.example", Some(1444), None));
    assert_eq!((full.user.as_str(), full.password.0.as_str()), ("ann@corp", "p/w:@%"));
    assert_eq!((full.database.as_str(), full.schema()), ("state db", "hearth_test"));
    assert_eq!((full.encryption, full.trust_certificate), (Encryption::Strict, false));
    assert_eq!((full.certificate_name.as_deref(), full.multi_subnet_failover), (Some("db"), true));
    assert_eq!((full.application.as_str(), full.pool), ("X", 4));
    assert_eq!((full.connect_timeout, full.command_timeout), (Duration::from_secs(3), Duration::from_secs(9)));

    let least = server("mssql://sa:x@db/hearth");
    assert_eq!((least.port, least.schema(), least.pool), (None, "hearth", 16));
    assert_eq!(
        (least.encryption, least.trust_certificate),
        (Encryption::On, false),
        "encrypted and checked by default"
    );
    for text in
        ["mssql://sa:x@db\\SQLEXPRESS/h", "mssql://sa:x@db%5CSQLEXPRESS/h", "mssql://sa:x@db/h?instance=SQLEXPRESS"]
    {
        assert_eq!(
            (server(text).host.as_str(), server(text).instance.as_deref()),
            ("db", Some("SQLEXPRESS")),
            "{text}"
        );
    }
    let both = server("sqlserver://sa:x@db\\I:1500/h");
    assert_eq!((both.host.as_str(), both.instance.as_deref(), both.port), ("db", Some("I"), Some(1500)));
    let six = server("mssql://sa:x@[fe80::1]:1433/h");
    assert_eq!((six.host.as_str(), six.port), ("fe80::1", Some(1433)));
    assert_eq!(
        (server("mssql://sa:x@[::1]/h").host.as_str(), server("mssql://sa:a@b@h/d").password.0.as_str()),
        ("::1", "a@b")
    );
}

#[test]
fn a_connection_string_is_read_as_ado_net_reads_it() {
    let pasted = server(
        "Server=tcp:DB.example\\PROD,1433;Initial Catalog=Hearth;Persist Security Info=False;User ID=ann;\
         Password=\"a;b\"\"c'\";MultipleActiveResultSets=False;Encrypt=True;TrustServerCertificate=False;\
         Connection Timeout=30;MultiSubnetFailover=True;Application Name=hearth-prod;Schema=h2;",
    );
    assert_eq!(
        (pasted.host.as_str(), pasted.instance.as_deref(), pasted.port),
        ("DB.example", Some("PROD"), Some(1433))
    );
    assert_eq!((pasted.user.as_str(), pasted.password.0.as_str()), ("ann", "a;b\"c'"));
    assert_eq!((pasted.database.as_str(), pasted.schema()), ("Hearth", "h2"));
    assert_eq!(pasted.ignored, ["Persist Security Info", "MultipleActiveResultSets"]);
    assert!(pasted.multi_subnet_failover && pasted.connect_timeout == Duration::from_secs(30));

    for (quoted, password) in [
        ("'a''b'", "a'b"),
        ("{a}}b;c}", "a}b;c"),
        ("  spaced  ", "spaced"),
        ("' kept '", " kept "),
        ("a=b==", "a=b=="),
        ("p\u{e4}ss", "p\u{e4}ss"),
        ("''", ""),
    ] {
        let text = format!("data source=.;database=d;uid=u;pwd={quoted} ; encrypt = no");
        let read = server(&text);
        assert_eq!((read.password.0.as_str(), read.host.as_str()), (password, "localhost"), "{text}");
        assert_eq!(read.encryption, Encryption::LoginOnly);
    }
    let server =
        server(" ADDR = (local)\\MSSQLSERVER ; DATABASE=d;user=u;Trust Server Certificate=yes;Encrypt=Mandatory");
    assert_eq!((server.host.as_str(), server.instance, server.trust_certificate), ("localhost", None, true));
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    let login = "Server=h;Database=d;User ID=u;Password=secret";
    for (text, says) in [
        ("Encrpt=True", "'Encrpt'"),
        ("Encrypt=maybe", "True, False or Strict"),
        ("Failover Partner=h2", "listener"),
        ("ApplicationIntent=ReadOnly", "ReadWrite"),
        ("Authentication=Active Directory Interactive", "SqlPassword"),
        ("Column Encryption Setting=Enabled", "encrypted columns"),
        ("Network Library=dbnmpntw", "TCP"),
        ("Connect Timeout=0", "from 1 to 600"),
        ("Max Pool Size=x", "from 1 to 1000"),
        ("Schema=a b", "schema 'a b'"),
        ("Schema=", "schema ''"),
        ("TrustServerCertificate=True;ServerCertificate=/ca.pem", "leave one of them out"),
        ("Server=np:h", "TCP"),
        ("Server=(localdb)\\v11", "LocalDB"),
        ("Server=h,x", "port"),
        ("Password='open", "'Password'"),
        ("Password='a'b", "'Password'"),
        ("nothing", "part 5"),
        ("Database=", "names no database"),
        ("User ID=", "names no user"),
        ("Server=", "names no server"),
    ] {
        let error = refused(&format!("{login};{text}"));
        assert!(error.contains(says) && !error.contains("secret"), "{text}: {error}");
    }
    for text in ["mssql://u:secret@h:x/d", "mssql://u:secret@h", "mssql://u:secret@h/d?odd=1", "mssql://%ff:secret@h/d"]
    {
        assert!(!refused(text).contains("secret"), "{text}");
    }
    #[cfg(not(windows))]
    for text in ["Server=h;Database=d;Integrated Security=SSPI", "Server=h;Database=d;Trusted_Connection=yes"] {
        assert!(refused(text).contains("Windows build"), "{text}");
    }
}

#[test]
fn no_text_of_it_shows_the_password() {
    for text in
        ["mssql://ann:secret@h:1444/d?schema=s", "Server=h,1444;Database=d;User ID=ann;Password=secret;Schema=s"]
    {
        let url = StateUrl::parse(text).unwrap();
        assert_eq!(url.to_string(), "mssql://ann@h:1444/d?schema=s");
        assert!(!format!("{url:?}").contains("secret"));
    }
    let file = server("Server=h;Database=d;User ID=ann;Password File=/run/credentials/state");
    assert_eq!(file.password_file.as_deref(), Some(Path::new("/run/credentials/state")));
}
