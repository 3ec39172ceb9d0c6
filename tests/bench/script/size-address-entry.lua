entries = {}
for i = 0, 299999 do
  local n = 167772160 + i * 7
  entries[string.format("%d.%d.%d.%d", n >> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255)] = i
end
print(300000)
