local lines = { "GET /index.html HTTP/1.1", "GET /cgi-bin/admin.php?id=77 HTTP/1.1",
  "POST /upload/form HTTP/1.0", "GET /images/logo-1234.png HTTP/1.1" }
local found = 0
for i = 0, 399999 do
  local line = lines[i % 4 + 1]
  if string.find(line, "%.php%?[a-z]+=[0-9]+") or string.find(line, "%-[0-9]+%.png") then
    found = found + 1
  end
end
print(found)
