-- For lighttpd's mod_magnet, magnet.attract-raw-url-to: what the authorizer (mod_fastcgi) said about the token becomes request headers for
-- the program behind, and the token stays here. It is run before the authorizer and after: variables are there only after.

local names = {
    "BEARER_SUB", "BEARER_SCOPE", "BEARER_PERMISSIONS", "BEARER_CLIENT_ID", "BEARER_EXP", "BEARER_CLAIMS",
}
local request = lighty.r

-- A client's copies of what we say, also those with underscores, which many programs take for dashes.
local copies = {}
for name in pairs(request.req_header) do
    local plain = name:lower():gsub("_", "-")
    if plain:find("^bearer%-") or plain == "remote-user" or plain == "auth-type" then
        copies[#copies + 1] = name
    end
end
for _, name in ipairs(copies) do
    request.req_header[name] = nil
end

if request.req_env["AUTH_TYPE"] == "Bearer" then
    request.req_header["Authorization"] = nil
    for _, name in ipairs(names) do
        local value = request.req_env[name]
        if value and value ~= "" then
            local words = name:lower():gsub("_(%l)", function(letter) return "-" .. letter:upper() end)
            request.req_header[words:sub(1, 1):upper() .. words:sub(2)] = value
        end
    end
end
return 0
