//! Raw client of HeyGen's clipping API, generated from the OpenAPI documents under `openapi/`.
