@load ./types
@load ./main
@load ./pools
@load ./stores
