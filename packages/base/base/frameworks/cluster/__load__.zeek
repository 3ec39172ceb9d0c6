@load ./types
@load ./main
@load ./pools
