local seen = {}
local hosts = { "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta" }
for round = 0, 599999 do
  local flow = { host = hosts[round % 8 + 1], service = round % 1000 }
  local key = flow.host .. "|" .. flow.service
  if seen[key] then
    seen[key] = seen[key] + 1
  else
    seen[key] = 1
  end
end
local total, size = 0, 0
for _, n in pairs(seen) do
  total = total + n
  size = size + 1
end
print(total .. ", " .. size)
