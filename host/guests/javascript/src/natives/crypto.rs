//! `binding('crypto')`: digests.

use hmac::{EagerHash, Hmac, Mac as _};
use md5::Md5;
use rquickjs::{Ctx, Function, Object, Result, TypedArray};
use sha1::Sha1;
use sha2::{Digest as _, Sha224, Sha256, Sha384, Sha512};

use crate::raw;

const NAMES: [&str; 6] = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];

pub(super) fn binding<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let object = Object::new(ctx.clone())?;
    object.set("hash", Function::new(ctx.clone(), hash)?)?;
    object.set("hmac", Function::new(ctx.clone(), hmac)?)?;
    object.set("hashes", Function::new(ctx.clone(), || NAMES.to_vec())?)?;
    Ok(object)
}

fn hash<'js>(ctx: Ctx<'js>, name: String, data: TypedArray<'js, u8>) -> Result<Option<TypedArray<'js, u8>>> {
    let digest = raw::with_bytes(&data, |data| match name.as_str() {
        "md5" => Some(Md5::digest(data).to_vec()),
        "sha1" => Some(Sha1::digest(data).to_vec()),
        "sha224" => Some(Sha224::digest(data).to_vec()),
        "sha256" => Some(Sha256::digest(data).to_vec()),
        "sha384" => Some(Sha384::digest(data).to_vec()),
        "sha512" => Some(Sha512::digest(data).to_vec()),
        _ => None,
    });
    digest.map(|digest| TypedArray::new(ctx, digest)).transpose()
}

fn hmac<'js>(
    ctx: Ctx<'js>,
    name: String,
    key: TypedArray<'js, u8>,
    data: TypedArray<'js, u8>,
) -> Result<Option<TypedArray<'js, u8>>> {
    let key = raw::with_bytes(&key, <[u8]>::to_vec);
    let code = raw::with_bytes(&data, |data| match name.as_str() {
        "md5" => mac::<Md5>(&key, data),
        "sha1" => mac::<Sha1>(&key, data),
        "sha224" => mac::<Sha224>(&key, data),
        "sha256" => mac::<Sha256>(&key, data),
        "sha384" => mac::<Sha384>(&key, data),
        "sha512" => mac::<Sha512>(&key, data),
        _ => None,
    });
    code.map(|code| TypedArray::new(ctx, code)).transpose()
}

fn mac<D: EagerHash>(key: &[u8], data: &[u8]) -> Option<Vec<u8>>
where
    Hmac<D>: hmac::Mac + hmac::KeyInit,
{
    let mut mac = <Hmac<D> as hmac::KeyInit>::new_from_slice(key).ok()?;
    hmac::Mac::update(&mut mac, data);
    Some(mac.finalize().into_bytes().to_vec())
}
