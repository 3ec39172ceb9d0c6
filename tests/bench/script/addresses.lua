local seen, hosts = {}, {}
for i = 0, 49999 do
  local n = 167772160 + i * 7
  hosts[#hosts + 1] = string.format("%d.%d.%d.%d", n >> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255)
end
for _ = 1, 20 do
  for _, host in ipairs(hosts) do
    if seen[host] then
      seen[host] = seen[host] + 1
    else
      seen[host] = 1
    end
  end
end
local total = 0
for _, n in pairs(seen) do total = total + n end
for _, host in ipairs(hosts) do seen[host] = nil end
print(total + (next(seen) and 1 or 0))
