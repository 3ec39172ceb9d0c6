@load ./main
@load ./writers/ascii
@load ./writers/sqlite
@load ./writers/none
@load ./rotation
@load ./delay
@load ./postprocessors
