local c = { orig = { packets = 0, bytes = 0 }, resp = { packets = 0, bytes = 0 }, history = "" }
for i = 0, 2999999 do
  local e = i % 3 == 0 and c.orig or c.resp
  e.packets = e.packets + 1
  e.bytes = e.bytes + i % 1500
  if not c.last or c.last < 1000.0 then c.last = 1.0 end
end
print(c.orig.packets .. ", " .. c.resp.packets .. ", " .. c.orig.bytes + c.resp.bytes)
