local a, b = {}, {}
for i = 0, 1999 do
  a[i] = true
  b[i + 1000] = true
end
local function size(set)
  local n = 0
  for _ in pairs(set) do n = n + 1 end
  return n
end
local total = 0
for _ = 1, 100 do
  local union, both, difference = {}, {}, {}
  for k in pairs(a) do union[k] = true end
  for k in pairs(b) do union[k] = true end
  for k in pairs(a) do
    if b[k] then both[k] = true else difference[k] = true end
  end
  total = total + size(union) + size(both) + size(difference)
end
print(total)
