//! What goes in and out of a function: the contract's values, as plain Rust and as the plain objects that
//! `library/functions/index.js` takes and gives (`{ kind, value }`).

use rquickjs::{Array, Ctx, Null, Object, Result, String as JsString, TypedArray, Value};

use crate::natives::text::lossy;
use crate::raw;

/// Names with values, in order; a name may occur more than once.
pub type Pairs = Vec<(String, String)>;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// Nothing.
    None,
    /// Text.
    Text(String),
    /// JSON text.
    Json(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A whole number.
    Int(i64),
    /// A number.
    Double(f64),
    /// An HTTP request.
    HttpRequest(Box<Request>),
    /// An HTTP response.
    HttpResponse(Box<Response>),
    /// Texts.
    TextList(Vec<String>),
    /// Byte strings.
    BytesList(Vec<Vec<u8>>),
}

/// An HTTP request that has been read to its end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// For example `GET`.
    pub method: String,
    /// Absolute.
    pub url: String,
    /// Names in lower case.
    pub headers: Pairs,
    /// Decoded.
    pub query: Pairs,
    /// Of the route, decoded.
    pub params: Pairs,
    /// Complete.
    pub body: Vec<u8>,
}

/// An HTTP response.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Response {
    /// 200 to 999.
    pub status: u16,
    /// In order.
    pub headers: Pairs,
    /// Complete.
    pub body: Vec<u8>,
}

/// A value with the name of its binding.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// The binding's name.
    pub name: String,
    /// The value.
    pub data: Data,
}

/// What a function is called with.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// UUID.
    pub invocation_id: String,
    /// The function's name.
    pub function_name: String,
    /// The handler.
    pub entry_point: String,
    /// The trigger's payload.
    pub trigger: Named,
    /// Binding data of the trigger.
    pub metadata: Vec<Named>,
    /// Other input bindings.
    pub inputs: Vec<Named>,
    /// `traceparent` and `tracestate`.
    pub trace: Option<(String, String)>,
    /// Attempt, most attempts (-1: no limit), the last error.
    pub retry: Option<(u32, i32, String)>,
}

/// What a function gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Values for output bindings.
    pub outputs: Vec<Named>,
    /// The value for `$return`.
    pub return_value: Data,
}

impl Invocation {
    /// As the library takes it.
    pub(crate) fn into_js<'js>(self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx.clone())?;
        object.set("invocationId", self.invocation_id)?;
        object.set("functionName", self.function_name)?;
        object.set("entryPoint", self.entry_point)?;
        object.set("trigger", self.trigger.into_js(ctx)?)?;
        object.set("metadata", list(ctx, self.metadata, |item| item.into_js(ctx).map(Object::into_value))?)?;
        object.set("inputs", list(ctx, self.inputs, |item| item.into_js(ctx).map(Object::into_value))?)?;
        match self.trace {
            Some((parent, state)) => {
                let trace = Object::new(ctx.clone())?;
                trace.set("traceParent", parent)?;
                trace.set("traceState", state)?;
                object.set("trace", trace)?;
            }
            None => object.set("trace", Null)?,
        }
        match self.retry {
            Some((count, most, error)) => {
                let retry = Object::new(ctx.clone())?;
                retry.set("retryCount", count)?;
                retry.set("maxRetryCount", most)?;
                retry.set("lastError", error)?;
                object.set("retry", retry)?;
            }
            None => object.set("retry", Null)?,
        }
        Ok(object)
    }
}

impl Outcome {
    /// From what the library gives.
    pub(crate) fn from_js(value: &Value<'_>) -> Result<Self> {
        let object = value.as_object().ok_or(unexpected("an outcome"))?;
        let outputs: Array<'_> = object.get("outputs")?;
        let outputs = outputs.iter::<Object<'_>>().map(|output| {
            let output = output?;
            Ok(Named { name: text(&output.get("name")?), data: Data::from_js(&output.get("data")?)? })
        });
        Ok(Self { outputs: outputs.collect::<Result<_>>()?, return_value: Data::from_js(&object.get("returnValue")?)? })
    }
}

impl Named {
    fn into_js<'js>(self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx.clone())?;
        object.set("name", self.name)?;
        object.set("data", self.data.into_js(ctx)?)?;
        Ok(object)
    }
}

impl Data {
    fn into_js<'js>(self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx.clone())?;
        let set = |kind: &str, value: Value<'js>| {
            object.set("kind", kind)?;
            object.set("value", value)
        };
        match self {
            Self::None => set("none", Value::new_undefined(ctx.clone()))?,
            Self::Text(text) => set("text", string(ctx, &text)?)?,
            Self::Json(text) => set("json", string(ctx, &text)?)?,
            Self::Bytes(bytes) => set("bytes", TypedArray::new(ctx.clone(), bytes)?.into_value())?,
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are no more precise")]
            Self::Int(number) => set("int", Value::new_number(ctx.clone(), number as f64))?,
            Self::Double(number) => set("double", Value::new_number(ctx.clone(), number))?,
            Self::HttpRequest(request) => set("http-request", request.into_js(ctx)?.into_value())?,
            Self::HttpResponse(response) => set("http-response", response.into_js(ctx)?.into_value())?,
            Self::TextList(texts) => set("text-list", list(ctx, texts, |text| string(ctx, &text))?.into_value())?,
            Self::BytesList(items) => {
                let item = |bytes| TypedArray::<u8>::new(ctx.clone(), bytes).map(TypedArray::into_value);
                set("bytes-list", list(ctx, items, item)?.into_value())?;
            }
        }
        Ok(object)
    }

    fn from_js(object: &Object<'_>) -> Result<Self> {
        let kind: String = object.get("kind")?;
        let value: Value<'_> = object.get("value")?;
        Ok(match kind.as_str() {
            "none" => Self::None,
            "text" => Self::Text(text(value.as_string().ok_or(unexpected("text"))?)),
            "json" => Self::Json(text(value.as_string().ok_or(unexpected("JSON text"))?)),
            "bytes" => Self::Bytes(bytes(value)?),
            #[expect(clippy::cast_possible_truncation, reason = "the library gives whole numbers")]
            "int" => Self::Int(value.as_number().ok_or(unexpected("a number"))? as i64),
            "double" => Self::Double(value.as_number().ok_or(unexpected("a number"))?),
            "http-request" => Self::HttpRequest(Box::new(Request::from_js(&value)?)),
            "http-response" => Self::HttpResponse(Box::new(Response::from_js(&value)?)),
            "text-list" => {
                let items = value.as_array().ok_or(unexpected("a list"))?;
                Self::TextList(
                    items.iter::<JsString<'_>>().map(|item| item.map(|item| text(&item))).collect::<Result<_>>()?,
                )
            }
            "bytes-list" => {
                let items = value.as_array().ok_or(unexpected("a list"))?;
                Self::BytesList(items.iter::<Value<'_>>().map(|item| bytes(item?)).collect::<Result<_>>()?)
            }
            _ => return Err(unexpected("a kind of data")),
        })
    }
}

impl Request {
    fn into_js<'js>(self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx.clone())?;
        object.set("method", self.method)?;
        object.set("url", self.url)?;
        object.set("headers", pairs(ctx, self.headers)?)?;
        object.set("query", pairs(ctx, self.query)?)?;
        object.set("params", pairs(ctx, self.params)?)?;
        object.set("body", TypedArray::new(ctx.clone(), self.body)?)?;
        Ok(object)
    }

    fn from_js(value: &Value<'_>) -> Result<Self> {
        let object = value.as_object().ok_or(unexpected("an HTTP request"))?;
        Ok(Self {
            method: text(&object.get("method")?),
            url: text(&object.get("url")?),
            headers: pairs_from_js(&object.get("headers")?)?,
            query: pairs_from_js(&object.get("query")?)?,
            params: pairs_from_js(&object.get("params")?)?,
            body: bytes(object.get("body")?)?,
        })
    }
}

impl Response {
    fn into_js<'js>(self, ctx: &Ctx<'js>) -> Result<Object<'js>> {
        let object = Object::new(ctx.clone())?;
        object.set("status", self.status)?;
        object.set("headers", pairs(ctx, self.headers)?)?;
        object.set("body", TypedArray::new(ctx.clone(), self.body)?)?;
        Ok(object)
    }

    fn from_js(value: &Value<'_>) -> Result<Self> {
        let object = value.as_object().ok_or(unexpected("an HTTP response"))?;
        Ok(Self {
            status: object.get("status")?,
            headers: pairs_from_js(&object.get("headers")?)?,
            body: bytes(object.get("body")?)?,
        })
    }
}

fn unexpected(what: &'static str) -> rquickjs::Error {
    rquickjs::Error::new_from_js("value", what)
}

fn string<'js>(ctx: &Ctx<'js>, text: &str) -> Result<Value<'js>> {
    JsString::from_str(ctx.clone(), text).map(JsString::into_value)
}

fn text(text: &JsString<'_>) -> String {
    lossy(text)
}

fn bytes(value: Value<'_>) -> Result<Vec<u8>> {
    let array = TypedArray::<u8>::from_value(value)?;
    Ok(raw::with_bytes(&array, <[u8]>::to_vec))
}

fn list<'js, T>(ctx: &Ctx<'js>, items: Vec<T>, item: impl Fn(T) -> Result<Value<'js>>) -> Result<Array<'js>> {
    let array = Array::new(ctx.clone())?;
    for (number, value) in items.into_iter().enumerate() {
        array.set(number, item(value)?)?;
    }
    Ok(array)
}

fn pairs<'js>(ctx: &Ctx<'js>, pairs: Pairs) -> Result<Array<'js>> {
    list(ctx, pairs, |(name, value)| {
        let pair = Array::new(ctx.clone())?;
        pair.set(0, name)?;
        pair.set(1, value)?;
        Ok(pair.into_value())
    })
}

fn pairs_from_js(array: &Array<'_>) -> Result<Pairs> {
    let pair = |pair: Result<Array<'_>>| {
        let pair = pair?;
        Ok((text(&pair.get(0)?), text(&pair.get(1)?)))
    };
    array.iter::<Array<'_>>().map(pair).collect()
}
