@load ./main
@load ./epochs
@load ./plugins
