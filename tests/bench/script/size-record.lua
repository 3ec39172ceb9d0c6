items = {}
for i = 0, 299999 do items[#items + 1] = { id = i, weight = 0.5, seen = true } end
print(#items)
