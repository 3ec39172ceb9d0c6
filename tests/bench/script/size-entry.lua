entries = {}
for i = 0, 999999 do entries[i * 7 + (1 << 40)] = i end
print(1000000)
