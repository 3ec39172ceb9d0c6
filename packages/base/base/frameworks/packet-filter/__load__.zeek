@load ./utils
@load ./main
