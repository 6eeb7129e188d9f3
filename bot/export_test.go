package bot

// Anonymous is tested apart from the finder, whose word decides what is sent at all.
var Anonymous = anonymous
