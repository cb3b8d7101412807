-- For lighttpd's mod_magnet, magnet.attract-raw-url-to: what the authorizer (mod_fastcgi) said about the token becomes request headers for
-- the program behind, and the token stays here. It is run before the authorizer and after: variables are there only after.

local names = {
    "BEARER_SUB", "BEARER_SCOPE", "BEARER_PERMISSIONS", "BEARER_CLIENT_ID", "BEARER_EXP", "BEARER_CLAIMS",
}
local request = lighty.r
local headers, variables = request.req_header, request.req_env

local ours = {} -- Bearer-Client-Id = "BEARER_CLIENT_ID" ...
for _, name in ipairs(names) do
    ours[name:lower():gsub("%f[%l]%l", string.upper):gsub("_", "-")] = name
end

-- Programs take headers for each other whose names differ only in what is no letter and no digit. So what a client sends is refused if
-- it could be read as ours; ours are there if this is run again after the answer, for a rewrite or an error page.
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

-- A client certificate, or a proxy in front, may have named a user before.
local allowed = (variables["BEARER_EXP"] or "") ~= ""
variables["REMOTE_USER"] = variables["BEARER_SUB"] or ""
variables["AUTH_TYPE"] = allowed and "Bearer" or ""
if allowed then
    headers["Authorization"] = nil
    for header, variable in pairs(ours) do
        headers[header] = variables[variable]
    end
end
return 0
