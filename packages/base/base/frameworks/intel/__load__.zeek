@load ./main
@load ./store
@load ./files
@load ./input
