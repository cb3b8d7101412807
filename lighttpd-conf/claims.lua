-- For lighttpd's mod_magnet (magnet.attract-raw-url-to): passes what the authorizer (mod_fastcgi)
-- says about the token on to the application, as request headers, and takes the token out.
-- lighttpd runs it before the authorizer and again after it. The variables are there only the
-- second time.

local names = {
    "BEARER_SUB", "BEARER_SCOPE", "BEARER_PERMISSIONS", "BEARER_CLIENT_ID", "BEARER_ISSUER", "BEARER_PROFILE",
    "BEARER_EXP", "BEARER_CLAIMS",
}
local request = lighty.r
local headers, variables = request.req_header, request.req_env

-- Each claim of BEARER_FORWARD_CLAIMS by itself.
for variable in pairs(variables) do
    if variable:find("^BEARER_CLAIM_") then
        names[#names + 1] = variable
    end
end

local ours = {} -- Bearer-Client-Id = "BEARER_CLIENT_ID" ...
for _, name in ipairs(names) do
    ours[name:lower():gsub("%f[%l]%l", string.upper):gsub("_", "-")] = name
end

-- Programs confuse headers whose names differ only in characters that are no letter and no digit.
-- So this refuses a client's header that could be read as one of ours. Our own are already there
-- if lighttpd runs this again, for a rewrite or an error page.
for name, value in pairs(headers) do
    local folded = name:lower():gsub("[^%w]", "_")
    if folded:find("^bearer_") or folded == "remote_user" or folded == "auth_type" then
        local variable = ours[name]
        if value ~= "" and not (variable and value == variables[variable]) then
            print("claims.lua: refused: a header that programs could read as " .. folded)
            request.resp_header["Content-Type"] = "application/json"
            request.resp_header["Cache-Control"] = "no-store"
            request.resp_header["X-Content-Type-Options"] = "nosniff"
            request.resp_body.set('{"detail":"A request header is not allowed"}')
            return 400
        end
    end
end

-- A client certificate or a proxy in front may already have set a user. The authorizer has replaced that
-- one if it has said yes.
local allowed = (variables["BEARER_EXP"] or "") ~= ""
variables["AUTH_TYPE"] = allowed and "Bearer" or ""
-- lighttpd puts what the authorizer says of it behind what the location says, with ", " before it.
local profile = variables["BEARER_PROFILE"]
if profile then
    variables["BEARER_PROFILE"] = profile:match("[^ ,]*$")
end
if not allowed then
    variables["REMOTE_USER"] = ""
else
    headers["Authorization"] = nil
    -- With BEARER_TOKEN_HEADER programs do not get that header either: uncomment this, with its name.
    --headers["Cf-Access-Jwt-Assertion"] = nil
    for header, variable in pairs(ours) do
        headers[header] = variables[variable]
    end
end
return 0
