use super::*;

fn signed(path: &str) -> Vec<String> {
    Link::parse(path).unwrap().signed_links().map(Cow::into_owned).collect()
}

#[test]
fn every_resource_has_its_path() {
    use ResourceKind as K;
    let paths = [
        ("/", K::Account, false, ""),
        ("", K::Account, false, ""),
        ("/dbs", K::Database, true, ""),
        ("/dbs/", K::Database, true, ""),
        ("/dbs/d", K::Database, false, "dbs/d"),
        ("/dbs/d/", K::Database, false, "dbs/d"),
        ("/dbs/d/colls", K::Container, true, "dbs/d"),
        ("/dbs/d/colls/c", K::Container, false, "dbs/d/colls/c"),
        ("/dbs/d/colls/c/docs/", K::Document, true, "dbs/d/colls/c"),
        ("/dbs/d/colls/c/docs/i/", K::Document, false, "dbs/d/colls/c/docs/i"),
        ("/dbs/d/colls/c/docs/i/attachments", K::Attachment, true, "dbs/d/colls/c/docs/i"),
        ("/dbs/d/colls/c/docs/i/attachments/a", K::Attachment, false, "dbs/d/colls/c/docs/i/attachments/a"),
        ("/dbs/d/colls/c/sprocs/s", K::StoredProcedure, false, "dbs/d/colls/c/sprocs/s"),
        ("/dbs/d/colls/c/triggers", K::Trigger, true, "dbs/d/colls/c"),
        ("/dbs/d/colls/c/udfs", K::UserDefinedFunction, true, "dbs/d/colls/c"),
        ("/dbs/d/colls/c/conflicts", K::Conflict, true, "dbs/d/colls/c"),
        ("/dbs/d/colls/c/pkranges/", K::PartitionKeyRange, true, "dbs/d/colls/c"),
        ("/dbs/d/users/u", K::User, false, "dbs/d/users/u"),
        ("/dbs/d/users/u/permissions", K::Permission, true, "dbs/d/users/u"),
        ("/dbs/d/clientencryptionkeys", K::ClientEncryptionKey, true, "dbs/d"),
        ("/dbs/d/colls/c/operations/partitionkeydelete", K::PartitionKeyDelete, true, "dbs/d/colls/c"),
        ("/offers", K::Offer, true, ""),
        ("/DBS/d/Colls", K::Container, true, "DBS/d"),
    ];
    for (path, kind, feed, link) in paths {
        let parsed = Link::parse(path).unwrap();
        assert_eq!((parsed.kind, parsed.feed), (kind, feed), "{path}");
        assert_eq!(signed(path)[0], link, "{path}");
    }
    for path in
        ["/db", "/dbs/d/docs", "/dbs/d/colls/c/docs/i/sprocs", "/offers/o/x", "/dbs/d/colls/c/operations/x", "/x"]
    {
        assert_eq!(Link::parse(path).unwrap_err().status, 404, "{path}");
    }
    assert_eq!(Link::parse("/dbs/%ff").unwrap_err().status, 400);
}

#[test]
fn ids_are_decoded_and_found_by_what_they_are() {
    let link = Link::parse("/dbs/my%20db/colls/c%2Bd/docs/a%2Fb%20%F0%9F%98%80/attachments/%25/").unwrap();
    assert_eq!((link.database(), link.container(), link.child()), (Some("my db"), Some("c+d"), Some("a/b 😀")));
    assert_eq!((link.id(), link.user(), link.rid()), (Some("%"), None, None));
    let link = Link::parse("dbs/d/users/u/permissions/p").unwrap();
    assert_eq!((link.user(), link.container(), link.child()), (Some("u"), None, Some("p")));
    assert_eq!(Link::parse("/offers/abcd").unwrap().database(), None);
}

#[test]
fn decoded_names_are_signed_and_raw_ones_are_tried() {
    assert_eq!(signed("/dbs/Db/colls/Co/docs/A%201"), ["dbs/Db/colls/Co/docs/A 1", "dbs/Db/colls/Co/docs/A%201"]);
    assert_eq!(Link::parse("/dbs/d/colls").unwrap().signed_type(), "colls");
    assert_eq!(Link::parse("/").unwrap().signed_type(), "");
    assert_eq!(signed("/dbs/d/colls/c/docs/100%"), ["dbs/d/colls/c/docs/100%"]);
}

#[test]
fn the_last_rid_is_signed_in_lower_case() {
    let container = Rid::database(1).container(1);
    let item = container.child(super::super::ChildKind::Document, 1);
    let path = format!("/dbs/{}/colls/{container}/docs/{item}/", Rid::database(1));
    assert_eq!(signed(&path)[1], item.to_string().to_lowercase());
    assert_eq!(Link::parse(&path).unwrap().rid(), Some(item));
    let feed = format!("/dbs/{}/colls/{container}/docs", Rid::database(1));
    assert_eq!(signed(&feed)[1], container.to_string().to_lowercase());
    assert_eq!(Link::parse(&feed).unwrap().rid(), Some(container));
    // A container of another database, and a name in between.
    let other = format!("/dbs/{}/colls/{container}", Rid::database(2));
    assert_eq!(Link::parse(&other).unwrap().rid(), None);
    assert_eq!(Link::parse(&format!("/dbs/d/colls/{container}")).unwrap().rid(), None);
    let offer = Rid::offer(0xabcdef);
    assert_eq!(signed(&format!("/offers/{offer}"))[0], offer.to_string().to_lowercase());
    assert_eq!(signed("/media/AbC=")[0], "abc=");
}
