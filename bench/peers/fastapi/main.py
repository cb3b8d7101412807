# SPDX-License-Identifier: MIT
"""The API that bearer.fcgi ships, as one writes it with FastAPI and PyJWT."""
import os

import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

app = FastAPI()
bearer = HTTPBearer()
keys = jwt.PyJWKClient(os.environ["JWKS_URI"], cache_keys=True)


def verified(credentials: HTTPAuthorizationCredentials = Depends(bearer)):
    try:
        key = keys.get_signing_key_from_jwt(credentials.credentials).key
        return jwt.decode(credentials.credentials, key, algorithms=["RS256"],
                          audience=os.environ["AUDIENCE"], issuer=os.environ["ISSUER"])
    except jwt.PyJWTError as error:
        raise HTTPException(status_code=401, detail=str(error)) from error


@app.get("/api/public")
def public():
    return {"status": "success", "msg": "Hello from a public endpoint! You don't need to be authenticated to see this."}


@app.get("/api/private")
def private(claims: dict = Depends(verified)):
    return claims
