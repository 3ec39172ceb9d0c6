@load ./main
@load ./log
@load ./store
