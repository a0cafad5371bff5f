package zone

var Machine = machine
